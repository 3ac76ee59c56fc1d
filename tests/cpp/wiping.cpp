/* The copy that the header makes of a secret is gone when the call is over, at the optimisation that would leave
 * the wiping out if it could. */
#include <cstdlib>
#include <cstring>
#include <malloc.h>
#include <new>

#include "check.hpp"

/* Longer than what a std::string holds inside itself. */
static const char long_secret[] = "wiping-7d1f0c55e2b94a8fae31-0123456789-abcdefghij";
static const char short_secret[] = "7d1f0c55";

#ifdef _WIN32
static std::size_t usable_size(void *block) { return _msize(block); }
#else
static std::size_t usable_size(void *block) { return malloc_usable_size(block); }
#endif

static bool holds(const void *start, std::size_t size, std::string_view secret)
{
    return std::string_view(static_cast<const char *>(start), size).find(secret) != std::string_view::npos;
}

/* How many blocks were freed, and how many of them with the secret still in them. */
static int freed, freed_with_secret;

static void look_and_free(void *block) noexcept
{
    if (block != nullptr) {
        freed++;
        freed_with_secret += holds(block, usable_size(block), long_secret);
    }
    std::free(block);
}

void *operator new(std::size_t size)
{
    void *block = std::calloc(size, 1);
    if (block == nullptr)
        throw std::bad_alloc();
    return block;
}

void operator delete(void *block) noexcept { look_and_free(block); }
void operator delete(void *block, std::size_t) noexcept { look_and_free(block); }

CHECK(a_copy_on_the_heap_is_wiped_before_it_is_freed)
{
    freed = freed_with_secret = 0;
    {
        const sm::text text(std::string_view{long_secret});
    }
    EXPECT_INT(freed, 1);
    EXPECT_INT(freed_with_secret, 0);
}

CHECK(a_short_copy_is_wiped_where_it_lies)
{
    alignas(sm::text) char place[sizeof(sm::text)];
    auto *text = new (place) sm::text(std::string_view(short_secret));
    EXPECT(holds(place, sizeof place, short_secret));
    text->~text();

    EXPECT(!holds(place, sizeof place, short_secret));
}

CHECK(an_unwiped_block_would_be_noticed)
{
    freed_with_secret = 0;
    {
        const std::string copy(long_secret);
    }
    EXPECT_INT(freed_with_secret, 1);
}

int main()
{
    RUN(a_copy_on_the_heap_is_wiped_before_it_is_freed);
    RUN(a_short_copy_is_wiped_where_it_lies);
    RUN(an_unwiped_block_would_be_noticed);
    return CHECKS_EXIT_CODE;
}
