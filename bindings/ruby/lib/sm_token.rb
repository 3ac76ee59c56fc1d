# frozen_string_literal: true

require_relative "sm_token/version"
require_relative "sm_token/native"
require_relative "sm_token/error"
require_relative "sm_token/options"
require_relative "sm_token/token"
require_relative "sm_token/client"
require_relative "sm_token/check"
require_relative "sm_token/http"

# Access tokens for the Standard Metrics API, fetched and kept by libsm_token.
module SmToken
  # Fetches one token; a program that needs more than one keeps a Client. Takes the options of Client.new.
  def self.fetch(**options)
    client = Client.new(**options)
    begin
      client.token
    ensure
      client.close
    end
  end

  # Goes the steps to a token, for an operator who asks what is wrong, and returns a Check. One request is sent, and
  # the token that it may bring is dropped. Takes the options of Client.new.
  #
  # Lasts for at most the timeout of the options, while other threads run. Thread#raise, Thread#kill and Timeout.timeout
  # end the calling thread only after it.
  def self.check(**options)
    Check.run(**options)
  end

  # The version of the C library that runs, as "MAJOR.MINOR.PATCH".
  def self.library_version
    Native.text(Native.sm_version)
  end
end
