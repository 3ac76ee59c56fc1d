# frozen_string_literal: true

require "json"
require "minitest/autorun"
require "net/http"
require "socket"
require "timeout"
require "tmpdir"
require "sm_token"

# The real server, as the environment describes it, and servers on loopback that misbehave.
module Service
  JSON_TYPE = { "Content-Type" => "application/json" }.freeze

  def trusted(**more)
    { ca_file: ENV.fetch("SM_TOKEN_CA_FILE"), **more }
  end

  def wrong(**more)
    trusted(client_id: ENV.fetch("SMX_CLIENT_ID"), client_secret: "a wrong secret", **more)
  end

  def control(request, path, body = nil)
    url = URI(ENV.fetch("SM_TOKEN_CONTROL_URL") + path)
    JSON.parse(Net::HTTP.start(url.host, url.port, nil) { |http| http.request(request.new(url.path, JSON_TYPE), body && JSON.generate(body)) }.body)
  end

  # How many token requests the server answers while the block runs.
  def requests
    before = control(Net::HTTP::Get, "/counts")["token_requests"]
    yield
    control(Net::HTTP::Get, "/counts")["token_requests"] - before
  end

  def revoke_all
    control(Net::HTTP::Post, "/revoke_all")
  end

  # Options that lead to a server which accepts connections and never answers.
  def hole(**more)
    server = TCPServer.new("127.0.0.1", 0)
    (@servers ||= []) << server
    { client_id: "id", client_secret: "secret", base_url: "http://127.0.0.1:#{server.addr[1]}", max_retries: 0, **more }
  end

  # Options that lead to a server which hands out this token once.
  def handing_out(token)
    server = TCPServer.new("127.0.0.1", 0)
    Thread.new do
      connection = server.accept
      connection.readpartial(65_536)
      body = JSON.generate(access_token: token, expires_in: 3600, token_type: "Bearer")
      connection.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n" \
                       "Content-Length: #{body.bytesize}\r\n\r\n#{body}")
      connection.close
    end
    { client_id: "id", client_secret: "secret", base_url: "http://127.0.0.1:#{server.addr[1]}" }
  end

  def failure(&block)
    assert_raises(SmToken::Error, &block)
  end

  def elapsed
    before = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - before
  end
end
