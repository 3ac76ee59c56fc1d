# frozen_string_literal: true

require "stringio"
require_relative "service"

class TestHTTP < Minitest::Test
  include Service

  def setup
    @api = SmToken::HTTP.new(SmToken::Client.new(**trusted), ENV.fetch("SMX_BASE_URL"))
  end

  def test_a_request_has_the_token_only_while_it_is_sent
    request = Net::HTTP::Get.new("/v1/companies/")
    assert_equal "200", at_the_api { |http| @api.request(http, request) }.code
    assert_nil request["Authorization"]
  end

  def test_a_refused_token_is_replaced_and_the_body_is_sent_again_whole
    bodies = [->(post) { post.body = "x" * 100_000 }, ->(post) { post.body_stream = StringIO.new("x" * 100_000) }]
    bodies.each do |set|
      setup # A client ignores a second invalidation within a second.
      at_the_api { |http| @api.request(http, Net::HTTP::Get.new("/v1/companies/")) }
      revoke_all
      request = Net::HTTP::Post.new("/v1/companies/", "Content-Length" => "100000", "Content-Type" => "text/plain")
      set.call(request)
      answer = nil
      assert_equal(1, requests { answer = at_the_api { |http| @api.request(http, request) } })
      assert_equal({ "received_bytes" => 100_000 }, JSON.parse(answer.body))
    end
  end

  def test_a_body_that_cannot_be_read_again_is_sent_once
    at_the_api { |http| @api.request(http, Net::HTTP::Get.new("/v1/companies/")) }
    revoke_all
    reader, writer = IO.pipe
    writer.write("once")
    writer.close
    request = Net::HTTP::Post.new("/v1/companies/", "Content-Length" => "4", "Content-Type" => "text/plain")
    request.body_stream = reader
    assert_equal "401", at_the_api { |http| @api.request(http, request) }.code
  end

  def test_another_host_gets_no_token
    server = TCPServer.new("127.0.0.1", 0)
    sent = Thread.new do
      connection = server.accept
      text = connection.readpartial(65_536)
      connection.write("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
      connection.close
      text
    end
    Net::HTTP.start("127.0.0.1", server.addr[1], nil) { |http| @api.request(http, Net::HTTP::Get.new("/")) }
    refute_match(/authorization/i, sent.value)
  end

  def test_an_api_without_https_on_another_machine_is_refused
    client = SmToken::Client.new(client_id: "id", client_secret: "secret")
    assert_equal :INSECURE_URL, failure { SmToken::HTTP.new(client, "http://example.com") }.code
    ["no URL", "ftp://example.com", ""].each do |api|
      assert_equal :INVALID_ARGUMENT, failure { SmToken::HTTP.new(client, api) }.code
    end
  end

  private

  def at_the_api(&block)
    url = URI(ENV.fetch("SMX_BASE_URL"))
    Net::HTTP.start(url.host, url.port, nil, use_ssl: true, ca_file: ENV.fetch("SM_TOKEN_CA_FILE"), &block)
  end
end
