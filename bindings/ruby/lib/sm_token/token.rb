# frozen_string_literal: true

module SmToken
  # An access token. Its memory is wiped when it is closed, or collected.
  class Token
    # A token of the library, freed once.
    class Handle < FFI::AutoPointer
      def self.release(pointer)
        Native.sm_token_free(pointer)
      end
    end
    private_constant :Handle

    # For the client alone.
    def self.own(pointer)
      new(Handle.new(pointer))
    end
    private_class_method :new

    def initialize(handle)
      @handle = handle
    end

    def access_token
      Native.text(Native.sm_token_access_token(handle))
    end

    # "Bearer TOKEN", the value of the Authorization header.
    def authorization
      Native.text(Native.sm_token_authorization(handle))
    end

    # The type as the server wrote it: "Bearer", in some case.
    def type
      Native.text(Native.sm_token_type(handle))
    end

    # The granted scope, space separated; "" where the server did not say.
    def scope
      Native.text(Native.sm_token_scope(handle))
    end

    # A Time.
    def expires_at
      Time.at(Native.sm_token_expires_at(handle))
    end

    # Whole seconds that it is still good; never below 0.
    def expires_in
      Native.sm_token_expires_in(handle)
    end

    def close
      @handle&.free
      @handle = nil
    end

    # For the client alone.
    def handle
      @handle || raise(Error.refused("the token is closed"))
    end

    def inspect
      "#<#{self.class}>"
    end

    def marshal_dump
      raise TypeError, "a token is not marshaled; keep a client, which has the current one"
    end

    def initialize_copy(_)
      raise TypeError, "a token is not copied: it is freed once"
    end
  end
end
