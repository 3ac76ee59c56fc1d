/* The other half of two_units.cpp. */
#include <sm_token.hpp>

void throw_from_the_other_unit();

void throw_from_the_other_unit()
{
    sm::options{}.timeout(sm::duration::zero());
}
