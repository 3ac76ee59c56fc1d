# frozen_string_literal: true

module SmToken
  # The options of a client, from keywords to the library's handle.
  class Options
    TRUST = %w[system bundled].freeze
    LOG_LEVELS = %w[off error warn info debug].freeze

    # What the library calls to log, or nil: it has to live as long as what took the options.
    attr_reader :log

    # Yields the handle and these options; the handle is freed when the block ends.
    def self.open(**keywords)
      options = new
      handle = Native.sm_options_new
      begin
        options.set(handle, **keywords)
        yield handle, options
      ensure
        Native.sm_options_free(handle)
      end
    end

    def set(handle, base_url: nil, scope: nil, user_agent: nil, proxy: nil, ca_file: nil, trust: nil, timeout: nil,
            connect_timeout: nil, max_retries: nil, log: nil, log_level: :info, client_id_file: nil,
            client_secret_file: nil)
      @handle = handle
      check Native.sm_options_set_base_url(handle, Native.utf8(base_url, "base_url"))
      check Native.sm_options_set_scope(handle, Native.utf8(scope, "scope"))
      check Native.sm_options_set_user_agent(handle, Native.utf8(user_agent, "user_agent"))
      check Native.sm_options_set_proxy(handle, Native.utf8(proxy, "proxy"))
      check Native.sm_options_set_ca_file(handle, Native.utf8(ca_file&.to_s, "ca_file"))
      check Native.sm_options_set_trust(handle, position(TRUST, trust, "trust")) if trust
      set_files(client_id_file, client_secret_file) if client_id_file || client_secret_file
      set_numbers(timeout, connect_timeout, max_retries)
      set_log(log, log_level) if log
    end

    private

    def check(status)
      raise Error.new(Native.text(Native.sm_options_message(@handle)), status: status) unless status == Native::OK
    end

    def set_files(id, secret)
      id = Native.utf8(id&.to_s, "client_id_file")
      secret = Native.utf8(secret&.to_s, "client_secret_file")
      check Native.sm_options_set_credential_files(@handle, id, secret)
    end

    def set_numbers(timeout, connect_timeout, max_retries)
      check Native.sm_options_set_timeout_ms(@handle, Native.milliseconds(timeout, "timeout")) if timeout
      if connect_timeout
        milliseconds = Native.milliseconds(connect_timeout, "connect_timeout")
        check Native.sm_options_set_connect_timeout_ms(@handle, milliseconds)
      end
      check Native.sm_options_set_max_retries(@handle, count(max_retries, "max_retries")) if max_retries
    end

    def set_log(log, level)
      raise Error.refused("log can't be called") unless log.respond_to?(:call)

      @log = FFI::Function.new(:void, [:pointer, :int32, :pointer]) { |_, at, message| hand_on(log, at, message) }
      check Native.sm_options_set_log(@handle, @log, nil, position(LOG_LEVELS, level, "log_level"))
    end

    # No exception may pass through the library; that of a handler costs no token.
    def hand_on(log, level, message)
      log.call(LOG_LEVELS[level].to_sym, Native.text(message))
    rescue StandardError => error
      warn "the log handler of sm_token failed: #{error.message}"
    end

    def position(names, value, name)
      names.index(value.to_s) || raise(Error.refused("#{name} is none of #{names.join(', ')}"))
    end

    def count(value, name)
      return value if value.is_a?(Integer) && value.between?(0, Native::LARGEST)

      raise Error.refused("#{name} is not a whole number from 0 to #{Native::LARGEST}")
    end
  end
end
