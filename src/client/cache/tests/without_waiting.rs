//! Callers who do not wait, or not for long.

use super::*;
use crate::client::messenger::Ready;

type Heard = Receiver<(Result<Token, Error>, thread::ThreadId)>;

/// Has the outcome sent, and the thread on which it was heard.
fn listener() -> (Ready, Heard) {
    let (send, heard) = channel();
    let ready = Box::new(move |outcome| send.send((outcome, thread::current().id())).unwrap());
    (ready, heard)
}

fn heard(heard: &Heard) -> Result<Token, Error> {
    let (outcome, on) = heard.recv_timeout(SECOND * 10).unwrap();
    assert_ne!(on, thread::current().id());
    assert!(heard.recv_timeout(Duration::from_millis(20)).is_err(), "called twice");
    outcome
}

fn within(cache: &TestCache, wait: Duration) -> Result<Token, Error> {
    cache.token_within(wait, Some(&mut || panic!("asked")))
}

#[test]
fn a_wait_of_zero_starts_the_request_and_gets_what_it_brings() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    for _ in 0..100 {
        let error = within(&cache, Duration::ZERO).unwrap_err();
        assert_eq!((error.status(), error.retry_after()), (Status::Timeout, None));
        assert!(error.is_retryable());
    }
    open.send(()).unwrap();
    settle(&cache);
    assert_eq!(within(&cache, Duration::ZERO).unwrap().access_token(), "token-1");
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_wait_ends_where_it_is_told_to_and_the_request_goes_on() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let (began, wait) = (std::time::Instant::now(), Duration::from_millis(120));
    let error = cache.token_within(wait, Some(&mut || true)).unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (Status::Timeout, None));
    assert!(began.elapsed() >= wait);
    open.send(()).unwrap();
    settle(&cache);
    assert_eq!(served(&cache), "token-1");
    assert_eq!(scene.requests(), 1);
}

#[test]
fn who_waits_is_asked_again_and_again_whether_it_goes_on() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let mut asked = 0;
    let mut keep_waiting = || {
        asked += 1;
        if asked == 2 {
            open.send(()).unwrap();
        }
        true
    };
    let token = cache.token_within(SECOND * 60, Some(&mut keep_waiting)).unwrap();
    assert_eq!((token.access_token(), scene.requests()), ("token-1", 1));
}

#[test]
fn who_does_not_keep_waiting_is_let_go_and_the_request_goes_on() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let error = cache.token_within(SECOND * 10, Some(&mut || false)).unwrap_err();
    assert_eq!(error.status(), Status::Canceled);
    open.send(()).unwrap();
    assert_eq!(served(&cache), "token-1");
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_remembered_failure_is_told_without_waiting_with_what_is_left_of_its_time() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(Error::new(Status::Timeout, "slow").retryable()));
    failed(&cache);
    let error = within(&cache, Duration::ZERO).unwrap_err();
    assert_eq!(error.retry_after(), Some(SECOND));
}

#[test]
fn who_registers_is_called_once_with_the_token_or_the_failure() {
    for failure in [None, Some(Error::new(Status::InvalidClient, "wrong"))] {
        let (scene, cache) = cache(3600);
        scene.fails_with(failure.clone());
        for _ in 0..3 {
            let (ready, outcome) = listener();
            cache.when_ready(ready).unwrap();
            let status = heard(&outcome).err().map(|error| error.status());
            assert_eq!(status, failure.as_ref().map(Error::status));
        }
        assert_eq!(scene.requests(), 1);
    }
}

#[test]
fn ten_thousand_who_register_are_called_in_their_order_by_one_request() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let (send, heard) = channel();
    for number in 0..10_000 {
        let send = send.clone();
        let ready = Box::new(move |outcome: Result<Token, Error>| {
            send.send((number, outcome.is_ok())).unwrap();
        });
        cache.when_ready(ready).unwrap();
    }
    open.send(()).unwrap();
    for number in 0..10_000 {
        assert_eq!(heard.recv_timeout(SECOND * 10).unwrap(), (number, true));
    }
    assert_eq!(scene.requests(), 1);
}

#[test]
fn shutdown_calls_who_registered_and_refuses_who_comes_later() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let (ready, outcome) = listener();
    cache.when_ready(ready).unwrap();
    cache.shutdown();
    assert_eq!(heard(&outcome).unwrap_err().status(), Status::Canceled);
    let (ready, outcome) = listener();
    assert_eq!(cache.when_ready(ready).unwrap_err().status(), Status::Canceled);
    assert!(outcome.recv().is_err(), "dropped without a call");
    drop(open);
}

#[test]
fn who_is_called_may_register_again_and_shut_down() {
    let (scene, cache) = cache(3600);
    let (send, heard) = channel();
    let again = Arc::clone(&cache);
    let ready = Box::new(move |_| {
        let last = Arc::clone(&again);
        let ready = Box::new(move |outcome: Result<Token, Error>| {
            last.shutdown();
            send.send(outcome.is_ok()).unwrap();
        });
        again.when_ready(ready).unwrap();
    });
    cache.when_ready(ready).unwrap();
    assert!(heard.recv_timeout(SECOND * 10).unwrap());
    assert_eq!(scene.requests(), 1);
}

#[test]
fn an_outcome_that_is_not_kept_goes_to_as_many_calls_as_were_signaled() {
    let (scene, cache) = cache(10);
    let token = token::tests::token("dead", 10, scene.now());
    scene.pass(SECOND * 9);
    for outcome in [Ok(token), Err(Error::internal("seeded"))] {
        cache.leave(outcome.clone());
        cache.leave(outcome.clone());
        for _ in 0..2 {
            let got = within(&cache, Duration::ZERO);
            assert_eq!(got.map(drop), outcome.clone().map(drop));
        }
        assert_eq!(scene.requests(), 0);
    }
    cache.leave(Err(Error::internal("seeded")));
    scene.pass(SECOND);
    assert_eq!(served(&cache), "token-1", "too late");
}

#[test]
fn one_call_more_than_were_signaled_asks_the_server() {
    let (_scene, cache) = cache(3600);
    for _ in 0..2 {
        cache.leave(Err(Error::internal("seeded")));
    }
    for _ in 0..2 {
        assert!(within(&cache, Duration::ZERO).is_err());
    }
    assert_eq!(served(&cache), "token-1");
}

#[test]
fn nothing_is_left_beside_a_token_in_service() {
    let (_scene, cache) = cache(3600);
    assert_eq!(served(&cache), "token-1");
    cache.leave(Err(Error::internal("seeded")));
    cache.invalidate(|_| true);
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn a_token_that_was_dropped_meanwhile_is_not_left_for_anybody() {
    let (scene, cache) = cache(3600);
    let token = cache.token(None).unwrap();
    cache.invalidate_whichever();
    cache.leave(Ok(token));
    assert_eq!(served(&cache), "token-2");
    assert_eq!(scene.requests(), 2);
}
