# frozen_string_literal: true

require_relative "service"

class TestClient < Minitest::Test
  include Service

  # contract: cached
  def test_twenty_threads_get_one_token_by_one_request
    client = SmToken::Client.new(**trusted)
    asked = requests do
      all = Array.new(20) { Thread.new { client.authorization } }.map(&:value)
      assert_equal [client.token.authorization], all.uniq
    end
    assert_equal 1, asked
  end

  # contract: authorization-whole
  def test_an_authorization_of_any_length_is_whole
    [16, 1024, 16 * 1024].each do |length|
      token = "t" * length
      assert_equal "Bearer #{token}", SmToken::Client.new(**handing_out(token)).authorization
    end
  end

  # contract: invalidate invalidate-old invalidate-all
  def test_an_invalidated_token_is_replaced_and_an_old_one_invalidates_nothing
    client = SmToken::Client.new(**trusted)
    first = client.token
    client.invalidate(first)
    second = client.authorization
    refute_equal first.authorization, second
    client.invalidate(first)
    client.invalidate(first.authorization)
    assert_equal second, client.authorization

    other = SmToken::Client.new(**trusted)
    before = other.authorization
    other.invalidate
    refute_equal before, other.authorization
  end

  # contract: remembered
  def test_a_refusal_is_remembered_and_says_for_how_long
    client = SmToken::Client.new(**wrong)
    asked = requests do
      failure { client.token }
      error = failure { client.token }
      assert_equal :INVALID_CLIENT, error.code
      assert_includes 0..60, error.retry_after
    end
    assert_equal 1, asked
  end

  # contract: shutdown
  def test_shutdown_and_close_end_what_waits_and_refuse_what_comes
    %i[shutdown close].each do |ending|
      client = SmToken::Client.new(**hole)
      waiting = Thread.new { failure { client.token } }
      sleep 0.05
      client.public_send(ending)
      assert_equal :CANCELED, waiting.value.code
      assert_equal :CANCELED, failure { client.authorization }.code
      client.public_send(ending)
    end
  end

  # contract: log log-no-secret log-raises
  def test_the_log_gets_events_from_its_level_on_and_what_it_raises_costs_no_token
    events = []
    log = lambda do |level, message|
      events << [level, message]
      raise "the handler's own"
    end
    client = SmToken::Client.new(**trusted(log: log, log_level: :info))
    token = nil
    _, complaints = capture_io do
      token = client.token.access_token
      client.invalidate
      client.authorization
    end
    assert_match(/the handler's own/, complaints)
    assert_includes events.map(&:first), :info
    refute_includes events.map(&:first), :debug
    refute_includes events.to_s, token
    assert_equal [Encoding::UTF_8], events.map { |_, message| message.encoding }.uniq
  end

  def test_credentials_come_from_files_and_can_be_replaced
    Dir.mktmpdir do |directory|
      files = { client_id_file: "SMX_CLIENT_ID", client_secret_file: "SMX_CLIENT_SECRET" }.to_h do |option, variable|
        path = File.join(directory, variable)
        File.write(path, "#{ENV.fetch(variable)}\n")
        [option, path]
      end
      assert_equal "Bearer", SmToken.fetch(**trusted(**files)).type
      files.delete(:client_secret_file)
      assert_equal :INVALID_ARGUMENT, failure { SmToken.fetch(**trusted(**files)) }.code
    end

    client = SmToken::Client.new(**wrong)
    assert_equal :INVALID_CLIENT, failure { client.token }.code
    client.set_credentials(ENV.fetch("SMX_CLIENT_ID"), ENV.fetch("SMX_CLIENT_SECRET"))
    assert_equal "Bearer", client.token.type
    assert_equal :INVALID_ARGUMENT, failure { client.set_credentials("one", nil) }.code
  end

  def test_a_log_handler_may_close_its_client
    heard = 0
    client = nil
    log = lambda do |_, _|
      heard += 1
      client.close
      GC.start
    end
    client = SmToken::Client.new(**wrong(log: log, log_level: :debug))
    failure { client.authorization }
    assert_operator heard, :>, 0
    assert_equal :CANCELED, failure { client.authorization }.code
  end

  # contract: wait-interrupted
  def test_timeout_ends_a_wait
    client = SmToken::Client.new(**hole(timeout: 60))
    took = elapsed { assert_raises(Timeout::Error) { Timeout.timeout(0.3) { client.token } } }
    assert_operator took, :<, 20
  end

  def test_a_thread_that_waits_can_be_killed_and_lets_others_run
    client = SmToken::Client.new(**hole(timeout: 60))
    waiting = Thread.new { client.authorization }
    turns = 0
    took = elapsed { 20.times { sleep(0.005) && turns += 1 } }
    assert_equal 20, turns
    assert_operator took, :<, 20
    assert_operator(elapsed { waiting.kill.join }, :<, 20)
  end

  def test_an_interrupt_ends_a_wait
    # Where these tests run in the background, the signal is ignored, and a program inherits that.
    program = 'trap("INT", "DEFAULT"); $stderr.puts; require "sm_token"; ' \
              'SmToken.fetch(base_url: ARGV[0], timeout: 60, client_id: "i", client_secret: "s")'
    libraries = $LOAD_PATH.flat_map { |directory| ["-I", directory] }
    reader, writer = IO.pipe
    process = spawn(RbConfig.ruby, *libraries, "-e", program, hole[:base_url], err: writer)
    reader.gets
    sleep 0.5
    took = elapsed do
      Process.kill("INT", process)
      Process.wait(process)
    end
    assert_operator took, :<, 20
    assert_equal Signal.list["INT"], $?.termsig
  end

  def test_a_wait_has_a_bound_of_its_own
    client = SmToken::Client.new(**hole(timeout: 60))
    [0, 0.2].each do |wait|
      error = nil
      took = elapsed { error = failure { client.authorization(wait: wait) } }
      assert_equal [:TIMEOUT, true, nil], [error.code, error.retryable?, error.retry_after]
      assert_operator took, :>=, wait
      assert_operator took, :<, 20
    end
    assert_match(/\Await is not/, failure { client.token(wait: -1) }.message)
    assert_equal :TIMEOUT, failure { SmToken.fetch(**hole(timeout: 0.3)) }.code
  end

  # contract: wait-bounded
  def test_the_request_goes_on_for_the_next_call
    control(Net::HTTP::Post, "/settings", { delay_ms: 500 })
    client = SmToken::Client.new(**trusted)
    asked = requests do
      assert_equal :TIMEOUT, failure { client.token(wait: 0.05) }.code
      assert_equal "Bearer", client.token.type
    end
    assert_equal 1, asked
  ensure
    control(Net::HTTP::Post, "/settings", { delay_ms: 0 })
  end

  def test_a_fork_can_use_its_client
    client = SmToken::Client.new(**trusted)
    authorization = client.authorization
    child = fork { exit!(client.authorization == authorization) }
    Process.wait(child)
    assert_predicate $?, :success?
  end
end
