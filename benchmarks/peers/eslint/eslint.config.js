// ESLint as the documentation of the Convex plugin sets it up, without and with types.
import convex from "@convex-dev/eslint-plugin";
import tseslint from "typescript-eslint";

const typed = process.env.BENCHMARK_TYPED === "1";

export default [
  { ignores: ["convex/_generated/**"] },
  {
    files: ["**/*.ts"],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: typed ? { projectService: true, tsconfigRootDir: process.cwd() } : {},
    },
  },
  ...convex.configs.recommended,
];
