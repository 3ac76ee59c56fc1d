# frozen_string_literal: true

require_relative "service"

class TestCheck < Minitest::Test
  include Service

  STEPS = ["credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer"].freeze

  # contract: check
  def test_every_step_to_the_server_is_right
    report = SmToken.check(**trusted)
    assert_equal STEPS, report.steps.map(&:name)
    assert_equal [:ok], report.steps.map(&:verdict).uniq, report.steps.inspect
    assert_nil report.error
    assert_match(/TLS 1\.3/, report.steps[5].text)
    assert_equal Encoding::UTF_8, report.steps[0].text.encoding
  end

  def test_a_refused_secret_is_the_answers_and_is_not_shown
    report = SmToken.check(**wrong)
    assert_equal STEPS, report.steps.map(&:name)
    assert_equal ["answer"], report.steps.select { |step| step.verdict == :wrong }.map(&:name)
    refute_empty report.steps.last.advice
    assert_equal SmToken::Status::INVALID_CLIENT, report.error.status
    refute_includes report.inspect, "a wrong secret"
  end

  def test_a_step_that_is_not_reached_is_unknown
    report = SmToken.check(**trusted(client_id: "one"))
    assert_equal [:wrong] + ([:unknown] * 8), report.steps.map(&:verdict)
    assert_equal :INVALID_ARGUMENT, report.error.code
    assert_equal :INVALID_ARGUMENT, failure { SmToken.check(timeout: 0) }.code
  end

  def test_other_threads_run_meanwhile
    checking = Thread.new { SmToken.check(**hole(timeout: 2)).error.code }
    turns = 0
    turns += 1 until checking.join(0.01)
    assert_operator turns, :>, 5
    assert_equal :TIMEOUT, checking.value
  end

  # What the library calls after that shows that the thread has not left it.
  def test_a_thread_that_is_killed_ends_after_its_check
    said = []
    options = hole(timeout: 2, log: ->(_, message) { said << message })
    checking = Thread.new { SmToken.check(**options) }
    sleep 0.01 while checking.status == "run"
    checking.kill.join
    assert_match(/timed out/, said.last)
    assert_nil checking.value
  end
end
