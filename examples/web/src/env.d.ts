/// <reference types="vite/client" />

/** Whether this build holds the development wallet. */
declare const __DEVELOPMENT_WALLET__: boolean;
