import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // The generated api.js lies beside the functions, where no npm packages are installed.
  resolve: { dedupe: ["convex"] },
  server: { fs: { allow: [".."] } },
});
