#include <check.h>
#include <stdlib.h>

#include "base/heap.h"
#include "fail_alloc.h"

enum { THINGS = 200, STEPS = 20000 };

/* A thing that knows its place; `in` says whether the test believes it to be in the heap. */
struct thing {
    int64_t key;
    size_t place;
    bool in;
};

static uint64_t random_state;

static uint64_t draw(uint64_t below)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (random_state >> 33) % below;
}

static int64_t smallest(const struct thing *thing)
{
    int64_t key = INT64_MAX;

    for (int i = 0; i < THINGS; i++) {
        if (thing[i].in && thing[i].key < key)
            key = thing[i].key;
    }
    return key;
}

static size_t count_in(const struct thing *thing)
{
    size_t count = 0;

    for (int i = 0; i < THINGS; i++)
        count += thing[i].in;
    return count;
}

static void check_heap(const struct haul_heap *heap, const struct thing *thing)
{
    ck_assert_uint_eq(heap->count, count_in(thing));
    ck_assert_int_eq(haul_heap_first_key(heap), smallest(thing));
    for (size_t i = 1; i < heap->count; i++)
        ck_assert_int_le(heap->item[(i - 1) / 2].key, heap->item[i].key);
    for (int i = 0; i < THINGS; i++) {
        if (thing[i].in)
            ck_assert_ptr_eq(heap->item[thing[i].place].thing, &thing[i]);
        else
            ck_assert_uint_eq(thing[i].place, HAUL_HEAP_NOWHERE);
    }
}

static void turn(struct haul_heap *heap, struct thing *at, uint64_t keys)
{
    if (at->in) {
        haul_heap_remove(heap, at->place);
    } else {
        at->key = (int64_t)draw(keys) - (int64_t)keys / 2;
        haul_heap_add(heap, at->key, at, &at->place);
    }
    at->in = !at->in;
}

/* Few different keys: many are equal. */
static const uint64_t key_ranges[] = {1, 3, 50, 1000000};

START_TEST(things_put_in_and_taken_from_anywhere_keep_their_places)
{
    static struct thing thing[THINGS];
    struct haul_heap heap = {0};

    random_state = (uint64_t)_i;
    for (int i = 0; i < THINGS; i++)
        thing[i].place = HAUL_HEAP_NOWHERE;
    ck_assert_int_eq(haul_heap_reserve(&heap, THINGS), HAUL_OK);
    for (int i = 0; i < STEPS; i++) {
        turn(&heap, &thing[draw(THINGS)], key_ranges[_i]);
        if (i % 64 == 0)
            check_heap(&heap, thing);
    }
    haul_heap_done(&heap);
}
END_TEST

START_TEST(things_taken_from_the_top_come_in_order)
{
    static struct thing thing[THINGS];
    struct haul_heap heap = {0};
    int64_t last = INT64_MIN;

    random_state = 99;
    ck_assert_int_eq(haul_heap_reserve(&heap, THINGS), HAUL_OK);
    for (int i = 0; i < THINGS; i++)
        turn(&heap, &thing[i], 500);
    for (int i = 0; i < THINGS; i++) {
        struct thing *first = haul_heap_first(&heap);

        ck_assert_int_eq(haul_heap_first_key(&heap), first->key);
        ck_assert_int_ge(first->key, last);
        last = first->key;
        haul_heap_remove(&heap, first->place);
    }
    ck_assert_ptr_null(haul_heap_first(&heap));
    ck_assert_int_eq(haul_heap_first_key(&heap), INT64_MAX);
    haul_heap_done(&heap);
}
END_TEST

START_TEST(reserve_without_memory_changes_nothing)
{
    struct thing thing = {.key = 5};
    struct haul_heap heap = {0};

    fail_alloc_arm(1);
    ck_assert_int_eq(haul_heap_reserve(&heap, 1), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    ck_assert_int_eq(haul_heap_reserve(&heap, 1), HAUL_OK);
    haul_heap_add(&heap, 5, &thing, &thing.place);
    fail_alloc_arm(1);
    ck_assert_int_eq(haul_heap_reserve(&heap, 1000), HAUL_ERR_NOMEM);
    ck_assert(fail_alloc_disarm());
    ck_assert_ptr_eq(haul_heap_first(&heap), &thing);
    haul_heap_done(&heap);
    haul_heap_done(&heap);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heap");
    TCase *tcase = tcase_create("heap");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_loop_test(tcase, things_put_in_and_taken_from_anywhere_keep_their_places, 0, 4);
    tcase_add_test(tcase, things_taken_from_the_top_come_in_order);
    tcase_add_test(tcase, reserve_without_memory_changes_nothing);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
