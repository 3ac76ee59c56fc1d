/** Gets and keeps access tokens for the Standard Metrics API, through the C library libsm_token. */
module io.standardmetrics.smtoken {
    requires com.sun.jna;

    exports io.standardmetrics.smtoken;

    // JNA reads the declarations of the C interface.
    opens io.standardmetrics.smtoken to
            com.sun.jna;
}
