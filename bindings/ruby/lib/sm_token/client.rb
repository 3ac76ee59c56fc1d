# frozen_string_literal: true

module SmToken
  # Keeps a valid token: served from memory, refreshed in time, fetched once however many threads wait. Any number of
  # threads may use one at once.
  class Client
    # A client of the library, freed once no call uses it any more, and its log handler, which lives as long.
    class Handle < FFI::AutoPointer
      def initialize(pointer, log)
        super(pointer)
        @log = log
      end

      def self.release(pointer)
        Native.sm_client_free(pointer)
      end
    end
    private_constant :Handle

    # 16 KiB and 8 bytes hold any authorization.
    LONGEST = (16 * 1024) + 8
    private_constant :LONGEST

    # How often a platform without descriptors is asked.
    POLL_INTERVAL = 0.01
    private_constant :POLL_INTERVAL

    # Makes no request yet. The options, the environment and the CA file are read now.
    #
    # client_id:, client_secret:: without both, SMX_CLIENT_ID and SMX_CLIENT_SECRET of the environment
    # client_id_file:, client_secret_file:: files that hold the credentials, both or neither, where none are given; read
    #                                       again for each request, so that they may change
    # base_url:: an https: URL. Default: SMX_BASE_URL of the environment, else https://api.standardmetrics.io
    # scope:: the scope to ask for, space separated (RFC 6749 section 3.3). Default: the server chooses
    # user_agent:: 1 to 256 characters of printable ASCII
    # proxy:: [SCHEME://][USER[:PASSWORD]@]HOST[:PORT]; "" means none. Default: from the environment
    # ca_file:: a PEM file of certificate authorities that are trusted in place of the system's
    # trust:: whose authorities are trusted without a ca_file, :system (default) or :bundled
    # timeout:: the deadline of a request with its retries, in seconds. Default: 30
    # connect_timeout:: how long one connection may take, in seconds. Default: 10
    # max_retries:: 0 to 100. Default: 2
    # log:: is called with a level and a message, while a method of the client runs
    # log_level:: the least important level that is wanted: :error, :warn, :info (default) or :debug
    def initialize(client_id: nil, client_secret: nil, **options)
      id = Native.utf8(client_id, "client_id")
      secret = Native.utf8(client_secret, "client_secret")
      Options.open(**options) do |native, chosen|
        @handle = Handle.new(handed_out { |out, error| Native.sm_client_new(id, secret, native, out, error) }, chosen.log)
      end
    end

    # The current token, fetched or refreshed where it must be.
    #
    # wait:: seconds to wait at most, 0 or more; nil means the timeout of the options. The request goes on for others.
    #        Timeout.timeout, Thread#kill and signals end a wait too.
    def token(wait: nil)
      waiting(wait) do |handle|
        Token.own(handed_out { |out, error| Native.sm_client_token_within(handle, 0, out, error) })
      end
    end

    # The current "Bearer TOKEN". `wait` is as for #token.
    def authorization(wait: nil)
      waiting(wait) { |handle| copied_authorization(handle) }
    end

    # Drops a token that a resource refused (HTTP 401), a Token or what #authorization returned, if it is still the
    # current one. nil drops whichever is current, and forgets a remembered failure.
    def invalidate(refused = nil)
      if refused.is_a?(Token)
        Native.sm_client_invalidate(handle, refused.handle)
      else
        Native.sm_client_invalidate_authorization(handle, Native.utf8(refused, "authorization"))
      end
    end

    # Puts other credentials in place, for the next request. The current token stays.
    def set_credentials(client_id, client_secret)
      id = Native.utf8(client_id, "client_id")
      secret = Native.utf8(client_secret, "client_secret")
      Native.check { |error| Native.sm_client_set_credentials(handle, id, secret, error) }
    end

    # Ends every wait with CANCELED, and refuses later calls with it.
    def shutdown
      kept = @handle
      Native.sm_client_shutdown(kept) if kept
    end

    # Shuts down, and lets go of the client, which is freed when it is collected. Its tokens live on.
    def close
      shutdown
      @handle = nil
    end

    def inspect
      "#<#{self.class}>"
    end

    def marshal_dump
      raise TypeError, "a client is not marshaled"
    end

    private

    def handle
      @handle || raise(Error.new("the client is closed", status: Status::CANCELED))
    end

    def handed_out
      FFI::MemoryPointer.new(:pointer) do |out|
        Native.check { |error| yield out, error }
        return out.read_pointer
      end
    end

    def copied_authorization(handle)
      FFI::MemoryPointer.new(:char, LONGEST) do |buffer|
        FFI::MemoryPointer.new(:size_t) do |length|
          Native.check do |error|
            Native.sm_client_authorization_within(handle, 0, buffer, LONGEST, length, error)
          end
          size = length.read(:size_t)
          authorization = buffer.read_string(size).force_encoding(Encoding::UTF_8)
          buffer.put_bytes(0, "\0" * size)
          return authorization
        end
      end
    end

    # No call of the library waits: Ruby waits for its signal, and so ends a wait in its own ways.
    def waiting(wait)
      deadline = now + (Native.milliseconds(wait, "wait") / 1000.0) if wait
      loop do
        return yield(handle)
      rescue Error => error
        raise unless under_way?(error)
        raise if deadline && now >= deadline

        wait_for_signal(deadline && [deadline - now, 0].max)
      end
    end

    # Where the server is still asked, a wait of 0 ends so; a remembered failure says for how long.
    def under_way?(error)
      error.status == Status::TIMEOUT && error.retry_after.nil?
    end

    def wait_for_signal(seconds)
      return sleep([POLL_INTERVAL, seconds || POLL_INTERVAL].min) if FFI::Platform.windows?

      reader, writer = IO.pipe
      begin
        Native.check { |error| Native.sm_client_signal_when_ready(handle, writer.fileno, error) }
        # The library has a duplicate.
        writer.close
        reader.wait_readable(seconds)
      ensure
        reader.close
        writer.close
      end
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
