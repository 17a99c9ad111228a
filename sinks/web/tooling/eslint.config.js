// What is wrong in the page's JavaScript beyond its layout, which is prettier's, and its types, which are tsc's.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/vendor/**"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { "max-len": ["error", { code: 120 }] },
  },
];
