# frozen_string_literal: true

require_relative "service"

class TestFetch < Minitest::Test
  include Service

  # contract: token expiry environment
  def test_a_fetch_gives_what_the_server_said
    token = SmToken.fetch(**trusted)
    assert_match(/\A[A-Za-z0-9]{30}\z/, token.access_token)
    assert_equal "Bearer #{token.access_token}", token.authorization
    assert_equal "Bearer", token.type
    assert_equal "all read write", token.scope
    assert_includes 3500..3600, token.expires_in
    assert_in_delta Time.now + token.expires_in, token.expires_at, 2
    refute_match(/[A-Za-z0-9]{30}/, token.inspect + token.to_s)
    assert_raises(TypeError) { Marshal.dump(token) }
    assert_raises(TypeError) { token.dup }
    token.close
    assert_equal :INVALID_ARGUMENT, failure { token.type }.code
  end

  def test_texts_are_utf8
    token = SmToken.fetch(**trusted)
    texts = [token.access_token, token.authorization, token.type, token.scope, SmToken.library_version]
    error = failure { SmToken.fetch(**trusted(base_url: "https://bücher.example:port")) }
    texts += [error.message, error.oauth_code, error.oauth_description]
    assert_equal [Encoding::UTF_8], texts.map(&:encoding).uniq
  end

  # contract: odd-text
  def test_credentials_with_reserved_and_accented_characters_bring_a_token
    odd = { client_id: ENV.fetch("SM_TOKEN_ODD_CLIENT_ID").dup.force_encoding(Encoding::UTF_8),
            client_secret: ENV.fetch("SM_TOKEN_ODD_CLIENT_SECRET").dup.force_encoding(Encoding::UTF_8) }
    SmToken.fetch(**trusted(**odd))
    SmToken.fetch(**trusted(**odd.transform_values { |text| text.encode(Encoding::UTF_16LE) }))
    SmToken.fetch(**trusted(**odd.transform_values(&:b)))
  end

  # contract: half-credentials
  def test_one_credential_without_the_other_is_a_bad_argument
    [{ client_id: "one" }, { client_id: nil, client_secret: "one" }].each do |half|
      assert_equal SmToken::Status::INVALID_ARGUMENT, failure { SmToken.fetch(**trusted(**half)) }.status
    end
  end

  # contract: not-text
  def test_text_that_c_cannot_take_whole_is_refused
    ["cut\0off", "broken \xe9", "broken \xe9".b, 7].each do |id|
      error = failure { SmToken.fetch(**trusted(client_id: id, client_secret: "one")) }
      assert_equal :INVALID_ARGUMENT, error.code
      assert_match(/\Aclient_id /, error.message)
    end
  end

  # contract: option-sent
  def test_the_scope_that_is_asked_for_is_granted
    assert_equal "read", SmToken.fetch(**trusted(scope: "read")).scope
  end

  # contract: option-reason
  def test_a_refused_option_says_why_in_the_librarys_words
    error = failure { SmToken.fetch(base_url: "https://example.com/?query") }
    assert_equal SmToken::Status::INVALID_ARGUMENT, error.status
    assert_match(/base URL/, error.message)
    assert_match(/timeout/, failure { SmToken.fetch(timeout: 0) }.message)
    assert_match(/100/, failure { SmToken.fetch(max_retries: 101) }.message)
    assert_match(/trust is none of/, failure { SmToken.fetch(trust: :all) }.message)
    assert_raises(ArgumentError) { SmToken.fetch(time: 1) }
  end

  # contract: number-range
  def test_a_number_that_c_cannot_hold_is_refused
    [-1, 2**32, Float::INFINITY, Float::NAN, "7", Complex(1, 1)].each do |timeout|
      assert_match(/\Atimeout is not/, failure { SmToken.fetch(timeout: timeout) }.message)
    end
    [-1, 2**32, 0.5].each do |retries|
      assert_match(/\Amax_retries is not/, failure { SmToken.fetch(max_retries: retries) }.message)
    end
  end

  # contract: refused refused-fields no-secret
  def test_a_refused_secret_says_what_to_do_and_shows_no_secret
    error = failure { SmToken.fetch(**wrong) }
    assert_equal SmToken::Status::INVALID_CLIENT, error.status
    assert_equal :INVALID_CLIENT, error.code
    assert_match(/check client_id and client_secret/, error.message)
    assert_equal [401, "invalid_client", false], [error.http_status, error.oauth_code, error.retryable?]
    assert_includes 0..60, error.retry_after
    refute_includes error.full_message + error.inspect, "a wrong secret"
  end

  # contract: insecure-url
  def test_http_to_another_machine_is_refused
    assert_equal SmToken::Status::INSECURE_URL, failure { SmToken.fetch(base_url: "http://example.com") }.status
  end

  # contract: trust-roots
  def test_a_missing_ca_file_is_named
    error = failure { SmToken.fetch(ca_file: "/no/such/ca.pem") }
    assert_equal SmToken::Status::NO_TRUST_ROOTS, error.status
    assert_match(%r{/no/such/ca\.pem}, error.message)
  end

  # contract: version
  def test_the_version_is_the_gems
    assert_equal SmToken::VERSION, SmToken.library_version
  end

  def test_the_library_has_the_platforms_name
    names = %w[x64-mingw-ucrt x86_64-darwin22 x86_64-linux].map { |platform| SmToken::Native.library_name(platform) }
    assert_equal %w[sm_token.dll libsm_token.0.dylib libsm_token.so.0], names
  end
end
