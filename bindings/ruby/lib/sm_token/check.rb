# frozen_string_literal: true

module SmToken
  # One step to a token.
  #
  # name:: "credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock" or "answer"
  # verdict:: :ok, :wrong, or :unknown where the step was not reached, does not apply, or can't be judged
  # text:: what is, in one line
  # advice:: one thing to do; "" where there is nothing to do
  CheckStep = Struct.new(:name, :verdict, :text, :advice)

  # What the check found. Nothing in it holds a secret or a token.
  #
  # steps:: each CheckStep once, in the order in which they are listed above
  # error:: the Error of the first step that is wrong (of "clock", which no fetch fails for: CERTIFICATE); nil where none is
  Check = Struct.new(:steps, :error) do
    # As SmToken.check.
    def self.run(client_id: nil, client_secret: nil, **options)
      id = Native.utf8(client_id, "client_id")
      secret = Native.utf8(client_secret, "client_secret")
      Options.open(**options) { |native| new(*taken(id, secret, native)) }
    end

    # Nothing may pass through the library: ffi keeps an exception back, and what another thread does to this one waits.
    def self.taken(id, secret, options)
      steps = []
      take = proc do |_, name, verdict, text, advice|
        steps << CheckStep.new(Native.text(name), Native::VERDICTS[verdict], Native.text(text), Native.text(advice))
        1
      end
      Thread.handle_interrupt(Object => :never) do
        Native.check { |error| Native.sm_check(id, secret, options, take, nil, error) }
      end
      [steps, nil]
    rescue Error => error
      [steps, error]
    end
    private_class_method :taken
  end
end
