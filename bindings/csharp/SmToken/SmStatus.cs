namespace SmToken
{
    /// <summary>Why a call failed. The values never change; a newer library may add some.</summary>
    public enum SmStatus
    {
        Ok = NativeMethods.SM_OK,

        /// <summary>A parameter has a value that it may not have; the message names it.</summary>
        InvalidArgument = NativeMethods.SM_ERROR_INVALID_ARGUMENT,

        /// <summary>Neither the caller nor the environment gave client credentials.</summary>
        NoCredentials = NativeMethods.SM_ERROR_NO_CREDENTIALS,

        /// <summary>The caller's buffer is too small; nothing was written to it.</summary>
        BufferTooSmall = NativeMethods.SM_ERROR_BUFFER_TOO_SMALL,

        /// <summary>http: to another machine, which would show the secret to the network.</summary>
        InsecureUrl = NativeMethods.SM_ERROR_INSECURE_URL,

        /// <summary>The host's name could not be resolved.</summary>
        Dns = NativeMethods.SM_ERROR_DNS,

        /// <summary>No connection to the server could be made.</summary>
        Connect = NativeMethods.SM_ERROR_CONNECT,

        /// <summary>The time allowed ran out.</summary>
        Timeout = NativeMethods.SM_ERROR_TIMEOUT,

        /// <summary>The proxy could not be reached, or refused.</summary>
        Proxy = NativeMethods.SM_ERROR_PROXY,

        /// <summary>The connection broke.</summary>
        Io = NativeMethods.SM_ERROR_IO,

        /// <summary>The client was shut down, or the call interrupted.</summary>
        Canceled = NativeMethods.SM_ERROR_CANCELED,

        /// <summary>The machine has no thread, file descriptor, memory for a socket or random number to give
        /// now.</summary>
        Resources = NativeMethods.SM_ERROR_RESOURCES,

        /// <summary>The TLS handshake failed for another reason than the certificate.</summary>
        Tls = NativeMethods.SM_ERROR_TLS,

        /// <summary>The server's certificate is not trusted, not valid now, or not for this host.</summary>
        Certificate = NativeMethods.SM_ERROR_CERTIFICATE,

        /// <summary>There is no certificate authority to trust: the store or CA file is missing, empty or
        /// unreadable.</summary>
        NoTrustRoots = NativeMethods.SM_ERROR_NO_TRUST_ROOTS,

        /// <summary>The server does not accept the client credentials.</summary>
        InvalidClient = NativeMethods.SM_ERROR_INVALID_CLIENT,

        /// <summary>The server does not grant the scope that was asked for.</summary>
        InvalidScope = NativeMethods.SM_ERROR_INVALID_SCOPE,

        /// <summary>The server refused with another OAuth error; the OAuth code of the error names it.</summary>
        OAuth = NativeMethods.SM_ERROR_OAUTH,

        /// <summary>The server asks for fewer requests; the error may give for how long.</summary>
        RateLimited = NativeMethods.SM_ERROR_RATE_LIMITED,

        /// <summary>The server failed, and may do better later.</summary>
        Server = NativeMethods.SM_ERROR_SERVER,

        /// <summary>The server answered with an HTTP status that brings no token, such as a redirect.</summary>
        Http = NativeMethods.SM_ERROR_HTTP,

        /// <summary>The answer is not a token response.</summary>
        InvalidResponse = NativeMethods.SM_ERROR_INVALID_RESPONSE,

        /// <summary>The answer is larger than any token response.</summary>
        ResponseTooLarge = NativeMethods.SM_ERROR_RESPONSE_TOO_LARGE,

        /// <summary>A defect of this library.</summary>
        Internal = NativeMethods.SM_ERROR_INTERNAL,
    }
}
