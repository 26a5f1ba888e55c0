// Whether a document is HTML, by html-validate. How it is written is no concern of it, only whether it is right.

import { HtmlValidate } from 'html-validate';

const off = [
  'attribute-boolean-style', 'attribute-empty-style', 'no-trailing-whitespace', 'void-style', 'doctype-style',
  'no-inline-style', 'no-implicit-button-type', 'no-implicit-input-type', 'long-title', 'prefer-native-element',
  'tel-non-breaking', 'require-sri', 'no-raw-characters',
  // Tables that are cards on a phone say that they are tables: with `display: block` a browser may no longer know.
  'no-redundant-role',
];
const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:standard', 'html-validate:a11y'],
  rules: Object.fromEntries(off.map((rule) => [rule, 'off'])),
});

export async function faultsOfHtml(html) {
  const report = await validator.validateString(html);
  const messages = report.results.flatMap((result) => result.messages);
  return messages.map(({ ruleId, message, line, column }) => {
    const around = html.split('\n')[line - 1]?.slice(Math.max(0, column - 20), column + 60);
    return `html, ${ruleId}: ${message} (${line}:${column} ${around})`;
  });
}
