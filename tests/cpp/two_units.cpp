/* One half of a program of two that both use the header; the other is other_unit.cpp. */
#include "check.hpp"

void throw_from_the_other_unit();

CHECK(an_error_crosses_from_one_unit_into_the_other)
{
    EXPECT_ERROR(throw_from_the_other_unit(), SM_ERROR_INVALID_ARGUMENT, "timeout");
}

int main()
{
    RUN(an_error_crosses_from_one_unit_into_the_other);
    return CHECKS_EXIT_CODE;
}
