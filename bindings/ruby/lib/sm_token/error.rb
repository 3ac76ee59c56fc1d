# frozen_string_literal: true

module SmToken
  # The numbers of the C library's statuses. They never change.
  module Status
    # Written by bindings/constants.
    OK = 0
    INVALID_ARGUMENT = 10
    NO_CREDENTIALS = 11
    BUFFER_TOO_SMALL = 12
    INSECURE_URL = 13
    DNS = 20
    CONNECT = 21
    TIMEOUT = 22
    PROXY = 23
    IO = 24
    CANCELED = 25
    RESOURCES = 26
    TLS = 30
    CERTIFICATE = 31
    NO_TRUST_ROOTS = 32
    INVALID_CLIENT = 40
    INVALID_SCOPE = 41
    OAUTH = 42
    RATE_LIMITED = 43
    SERVER = 44
    HTTP = 45
    INVALID_RESPONSE = 50
    RESPONSE_TOO_LARGE = 51
    INTERNAL = 90

    # The name of a status, such as :INVALID_CLIENT.
    def self.name_of(status)
      constants.find { |name| const_get(name) == status } || :INTERNAL
    end
  end

  # Why there is no token. Nothing in it holds a secret or a token.
  class Error < StandardError
    # One of the constants of Status.
    attr_reader :status
    # The HTTP status of the server's answer; 0 where no answer came.
    attr_reader :http_status
    # The server's OAuth error code (RFC 6749 section 5.2); "" where it gave none.
    attr_reader :oauth_code
    # The server's description of its OAuth error; "" where it gave none.
    attr_reader :oauth_description
    # Seconds to wait before the next try; nil where neither the server nor the client says.
    attr_reader :retry_after

    def initialize(message, status:, http_status: 0, oauth_code: "", oauth_description: "", retryable: false,
                   retry_after: nil)
      super(message)
      @status = status
      @http_status = http_status
      @oauth_code = oauth_code
      @oauth_description = oauth_description
      @retryable = retryable
      @retry_after = retry_after
    end

    # The name of the status, such as :INVALID_CLIENT.
    def code
      Status.name_of(status)
    end

    # Whether the same call may succeed later without any change.
    def retryable?
      @retryable
    end

    # The error of a call that returned `status`; frees the handle.
    def self.taken(status, handle)
      retry_after_ms = Native.sm_error_retry_after_ms(handle)
      new(Native.text(Native.sm_error_message(handle)),
          status: status,
          http_status: Native.sm_error_http_status(handle),
          oauth_code: Native.text(Native.sm_error_oauth_code(handle)),
          oauth_description: Native.text(Native.sm_error_oauth_description(handle)),
          retryable: Native.sm_error_is_retryable(handle) == 1,
          retry_after: retry_after_ms.negative? ? nil : retry_after_ms / 1000.0)
    ensure
      Native.sm_error_free(handle)
    end

    def self.refused(message)
      new(message, status: Status::INVALID_ARGUMENT)
    end
  end
end
