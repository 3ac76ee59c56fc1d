using System;

namespace SmToken
{
    /// <summary>No token: <see cref="Exception.Message"/> is one line for a person, without a secret in it.</summary>
    public sealed class SmTokenException : Exception
    {
        internal SmTokenException(SmStatus status, string message) : base(message)
        {
            Status = status;
            OAuthCode = "";
            OAuthDescription = "";
        }

        private SmTokenException(SmStatus status, ErrorHandle error)
            : this(status, error.Text<ErrorHandle>(NativeMethods.sm_error_message))
        {
            HttpStatus = NativeMethods.sm_error_http_status(error);
            OAuthCode = error.Text<ErrorHandle>(NativeMethods.sm_error_oauth_code);
            OAuthDescription = error.Text<ErrorHandle>(NativeMethods.sm_error_oauth_description);
            IsRetryable = NativeMethods.sm_error_is_retryable(error) != 0;
            long milliseconds = NativeMethods.sm_error_retry_after_ms(error);
            if (milliseconds >= 0) RetryAfter = TimeSpan.FromMilliseconds(milliseconds);
        }

        /// <summary>The kind of failure.</summary>
        public SmStatus Status { get; private set; }

        /// <summary>The HTTP status code of the server's answer; 0 where no answer came.</summary>
        public int HttpStatus { get; private set; }

        /// <summary>The server's OAuth error code, such as "invalid_client"; "" where it gave none.</summary>
        public string OAuthCode { get; private set; }

        /// <summary>The server's own words about it; "" where it gave none.</summary>
        public string OAuthDescription { get; private set; }

        /// <summary>Whether the same call may succeed later without any change.</summary>
        public bool IsRetryable { get; private set; }

        /// <summary>How long to wait before the next try; null where nobody said.</summary>
        public TimeSpan? RetryAfter { get; private set; }

        /// <summary>Whether it only says that a wait of zero ended before the request: a remembered timeout says how long
        /// it lasts.</summary>
        internal bool IsUnderWay
        {
            get { return Status == SmStatus.Timeout && RetryAfter == null; }
        }

        /// <summary>Throws unless the call succeeded; frees the error that came with it.</summary>
        internal static void ThrowUnlessOk(int status, ErrorHandle error)
        {
            SmTokenException failure = Of(status, error);
            if (failure != null) throw failure;
        }

        /// <summary>Null where the call succeeded; frees the error that came with it.</summary>
        internal static SmTokenException Of(int status, ErrorHandle error)
        {
            using (error)
            {
                return status == NativeMethods.SM_OK ? null : new SmTokenException((SmStatus)status, error);
            }
        }
    }
}
