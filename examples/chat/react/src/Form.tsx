import { ConvexError } from "convex/values";
import { useState, type FormEvent } from "react";

interface FormProps {
  label: string;
  action: string;
  onSubmit: (text: string) => Promise<unknown>;
}

/** One line of text and a button; shows why the last attempt failed. */
export function Form({ label, action, onSubmit }: FormProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState("");

  async function submit(event: FormEvent) {
    event.preventDefault();
    setText("");
    setError("");
    try {
      await onSubmit(text);
    } catch (failure) {
      setText(text);
      setError(failure instanceof ConvexError ? String(failure.data) : String(failure));
    }
  }

  return (
    <form onSubmit={submit}>
      <input
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => setText(event.target.value)}
        required
      />
      <button>{action}</button>
      <p role="alert">{error}</p>
    </form>
  );
}
