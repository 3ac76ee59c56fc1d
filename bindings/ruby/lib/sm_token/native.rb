# frozen_string_literal: true

require "ffi"

module SmToken
  # The functions of the C library, as its header declares them.
  module Native
    extend FFI::Library

    # What the library is called on a platform.
    def self.library_name(platform)
      case platform
      when /mswin|mingw|cygwin/ then "sm_token.dll"
      when /darwin/ then "libsm_token.0.dylib"
      else "libsm_token.so.0"
      end
    end

    ffi_lib library_name(RUBY_PLATFORM)

    callback :sm_log_fn, [:pointer, :int32, :pointer], :void
    callback :sm_check_fn, [:pointer, :pointer, :int32, :pointer, :pointer], :int32

    attach_function :sm_version, [], :pointer

    attach_function :sm_error_message, [:pointer], :pointer
    attach_function :sm_error_http_status, [:pointer], :int32
    attach_function :sm_error_oauth_code, [:pointer], :pointer
    attach_function :sm_error_oauth_description, [:pointer], :pointer
    attach_function :sm_error_is_retryable, [:pointer], :int32
    attach_function :sm_error_retry_after_ms, [:pointer], :int64
    attach_function :sm_error_free, [:pointer], :void

    attach_function :sm_options_new, [], :pointer
    attach_function :sm_options_message, [:pointer], :pointer
    attach_function :sm_options_set_base_url, [:pointer, :string], :int32
    attach_function :sm_options_set_scope, [:pointer, :string], :int32
    attach_function :sm_options_set_user_agent, [:pointer, :string], :int32
    attach_function :sm_options_set_proxy, [:pointer, :string], :int32
    attach_function :sm_options_set_ca_file, [:pointer, :string], :int32
    attach_function :sm_options_set_trust, [:pointer, :int32], :int32
    attach_function :sm_options_set_timeout_ms, [:pointer, :uint32], :int32
    attach_function :sm_options_set_connect_timeout_ms, [:pointer, :uint32], :int32
    attach_function :sm_options_set_max_retries, [:pointer, :uint32], :int32
    attach_function :sm_options_set_log, [:pointer, :sm_log_fn, :pointer, :int32], :int32
    attach_function :sm_options_set_credential_files, [:pointer, :string, :string], :int32
    attach_function :sm_options_free, [:pointer], :void

    attach_function :sm_token_access_token, [:pointer], :pointer
    attach_function :sm_token_authorization, [:pointer], :pointer
    attach_function :sm_token_type, [:pointer], :pointer
    attach_function :sm_token_scope, [:pointer], :pointer
    attach_function :sm_token_expires_at, [:pointer], :int64
    attach_function :sm_token_expires_in, [:pointer], :int64
    attach_function :sm_token_free, [:pointer], :void

    attach_function :sm_client_new, [:string, :string, :pointer, :pointer, :pointer], :int32
    attach_function :sm_client_token_within, [:pointer, :int64, :pointer, :pointer], :int32
    attach_function :sm_client_authorization_within, [:pointer, :int64, :pointer, :size_t, :pointer, :pointer], :int32
    attach_function :sm_client_signal_when_ready, [:pointer, :intptr_t, :pointer], :int32
    attach_function :sm_client_invalidate, [:pointer, :pointer], :void
    attach_function :sm_client_invalidate_authorization, [:pointer, :string], :void
    attach_function :sm_client_set_credentials, [:pointer, :string, :string, :pointer], :int32
    attach_function :sm_client_shutdown, [:pointer], :void
    attach_function :sm_client_free, [:pointer], :void

    # It waits for the server, while other threads run.
    attach_function :sm_check, [:string, :string, :pointer, :sm_check_fn, :pointer, :pointer], :int32, blocking: true

    OK = 0
    # The names of the verdicts of a check, by their numbers.
    VERDICTS = %i[ok wrong unknown].freeze
    LARGEST = (1 << 32) - 1

    # A text of the library, which is UTF-8 and lives only as long as its handle.
    def self.text(pointer)
      pointer.read_string.force_encoding(Encoding::UTF_8)
    end

    # A text for the library. A NUL would cut it; bytes of no known encoding are taken for UTF-8.
    def self.utf8(text, name)
      return nil if text.nil?
      raise Error.refused("#{name} is not a string") unless text.is_a?(String)

      utf8 = text.encoding == Encoding::BINARY ? text.dup.force_encoding(Encoding::UTF_8) : text.encode(Encoding::UTF_8)
      raise Error.refused("#{name} is not valid text") unless utf8.valid_encoding?
      raise Error.refused("#{name} holds a NUL character") if utf8.include?("\0")

      utf8
    rescue EncodingError
      raise Error.refused("#{name} can't be encoded as UTF-8")
    end

    # Seconds as the milliseconds that C takes; a part of one counts as one.
    def self.milliseconds(seconds, name)
      milliseconds = (seconds * 1000).ceil if seconds.is_a?(Numeric) && seconds.real? && seconds.finite?
      return milliseconds if milliseconds&.between?(0, LARGEST)

      raise Error.refused("#{name} is not a number of seconds from 0 to #{LARGEST / 1000}")
    end

    # Makes a call that hands out an error, and raises it. The block is given where the error goes.
    def self.check
      FFI::MemoryPointer.new(:pointer) do |error|
        status = yield error
        raise Error.taken(status, error.read_pointer) unless status == OK
      end
    end
  end
end
