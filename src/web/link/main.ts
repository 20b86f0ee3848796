// The employee's page at /c/:token, once its script runs.
export {};
