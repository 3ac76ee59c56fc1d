# frozen_string_literal: true

require "net/http"
require "uri"

module SmToken
  # Sends requests of Net::HTTP to one API with the current token, and to no other. Where the API refuses the token
  # (401) it sends the request once more with another one, if its body can be sent again.
  class HTTP
    LOOPBACK = /\A(localhost|127(\.\d+){3}|\[::1\])\z/
    private_constant :LOOPBACK

    # api:: a URL such as https://api.standardmetrics.io, of which scheme, host and port count
    def initialize(client, api)
      @client = client
      @api = parsed(api)
    end

    # As `http.request(request)`, of a Net::HTTP.
    def request(http, request)
      return http.request(request) unless to_the_api?(http)

      start = position(request.body_stream)
      authorization = @client.authorization
      answer = send_with(http, request, authorization)
      return answer unless answer.is_a?(Net::HTTPUnauthorized)

      @client.invalidate(authorization)
      return answer if start == :unknown

      another = @client.authorization
      # An API that refuses every token: the client spreads its requests for new ones out.
      return answer if another == authorization

      request.body_stream.seek(start) if start
      send_with(http, request, another)
    end

    def inspect
      "#<#{self.class} #{@api.host}>"
    end

    private

    def parsed(api)
      url = URI.parse(api.to_s)
      raise Error.refused("the API's URL has no scheme or no host") unless url.is_a?(URI::HTTP) && url.host
      unless url.scheme == "https" || LOOPBACK.match?(url.host)
        raise Error.new("http: to #{url.host} would show the token to the network; give an https: URL",
                        status: Status::INSECURE_URL)
      end

      url
    rescue URI::InvalidURIError
      raise Error.refused("the API's URL is malformed")
    end

    def to_the_api?(http)
      [http.use_ssl? ? "https" : "http", http.address.downcase, http.port] ==
        [@api.scheme, @api.hostname.downcase, @api.port]
    end

    # Where a body's stream stands: nil without one, :unknown where it can't be read again.
    def position(stream)
      return nil unless stream
      return :unknown unless stream.respond_to?(:seek)

      stream.pos
    rescue SystemCallError
      :unknown
    end

    # The caller's request keeps no token.
    def send_with(http, request, authorization)
      request["Authorization"] = authorization
      http.request(request)
    ensure
      request.delete("Authorization")
    end
  end
end
