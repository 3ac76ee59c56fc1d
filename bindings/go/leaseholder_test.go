package smtoken

import "testing"

func Test_a_renewal_that_began_before_an_invalidation_does_not_hold(t *testing.T) {
	var holder leaseholder
	begun := holder.renewal()
	holder.end()
	holder.renew(begun, "Bearer old")
	if _, holds := holder.current(); holds {
		t.Error("it holds")
	}
}

func Test_a_renewal_that_began_after_an_invalidation_holds(t *testing.T) {
	var holder leaseholder
	holder.end()
	begun := holder.renewal()
	begun.began += leaseDuration * 1000 // However slow this machine is.
	holder.renew(begun, "Bearer new")
	if authorization, holds := holder.current(); !holds || authorization != "Bearer new" {
		t.Errorf("%q, %v", authorization, holds)
	}
}
