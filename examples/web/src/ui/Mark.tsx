/** The mark of the house: three columns under an architrave. */
export function Mark({ size = 28 }: { readonly size?: number }) {
  return (
    <svg className="mark" viewBox="0 0 28 28" width={size} height={size} aria-hidden="true" focusable="false">
      <path d="M2 3h24v3.2H2zM2 22.8h24V26H2z" />
      <path d="M4 8.2h5.2v1.9l-.7.7v8.6l.7.7v1.7H4v-1.7l.7-.7v-8.6l-.7-.7zM11.4 8.2h5.2v1.9l-.7.7v8.6l.7.7v1.7h-5.2v-1.7l.7-.7v-8.6l-.7-.7zM18.8 8.2H24v1.9l-.7.7v8.6l.7.7v1.7h-5.2v-1.7l.7-.7v-8.6l-.7-.7z" />
    </svg>
  );
}
