#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_history.h"

/* The tree of paths of a run (summary/tree.c). */

/* Every node is as large as its children together, and stands behind its parent. */
static void check_tree(const struct haul_summary *sum)
{
    size_t nodes = sum->node_count;
    uint64_t *count = calloc(nodes + 1, sizeof *count);
    int64_t *size = calloc(nodes + 1, sizeof *size);

    ck_assert_uint_le(nodes, HAUL_SUMMARY_NODES_MAX);
    for (size_t i = 1; i < nodes; i++) {
        const struct haul_summary_node *node = &sum->node[i];

        ck_assert_uint_lt(node->parent, i);
        ck_assert_int_eq(node->depth, sum->node[node->parent].depth + 1);
        ck_assert_uint_le(node->type, HAUL_SUMMARY_TREE_TYPES);
        count[node->parent] += node->count;
        size[node->parent] += node->size;
    }
    for (size_t i = 0; i < nodes; i++) {
        ck_assert(!count[i] || count[i] == sum->node[i].count);
        ck_assert(!count[i] || size[i] == sum->node[i].size);
    }
    free(count);
    free(size);
}

/* The only node of that name, and what is said of it. */
static const struct haul_summary_node *find_node(const struct haul_summary *sum, const char *name)
{
    const struct haul_summary_node *found = NULL;

    for (size_t i = 0; i < sum->node_count; i++)
        if (!strcmp(sum->node[i].name, name)) {
            ck_assert_msg(!found, "%s is there twice", name);
            found = &sum->node[i];
        }
    ck_assert_msg(found != NULL, "no node %s", name);
    return found;
}

static const struct fake_row site[] = {
    {"http://a/", HAUL_OUTCOME_OK, 100, "text/html", NULL},
    {"http://a/img/1.png", HAUL_OUTCOME_OK, 5000, "image/png", NULL},
    {"http://a/img/2.png", HAUL_OUTCOME_OK, 3000, "image/png", NULL},
    {"http://b/blog/x", HAUL_OUTCOME_OK, 0, "text/html", NULL},
    {"http://b/blog/y", HAUL_OUTCOME_FAILED, 77, "text/html", NULL},
    {"http://b/blog/z", HAUL_OUTCOME_OK, -1, NULL, NULL},
    {"http://b/blog/x", HAUL_OUTCOME_DUPLICATE, -1, NULL, NULL},
    {"ftp://c/", HAUL_OUTCOME_INVALID, -1, NULL, NULL},
    {"http://b/late", HAUL_OUTCOME_PENDING, -1, NULL, NULL},
};

START_TEST(tree_adds_up)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;

    fake_run(store, site, sizeof site / sizeof *site);
    fake_summary(store, NULL, &sum);
    check_tree(&sum);
    ck_assert_str_eq(sum.node[0].name, "");
    ck_assert_int_eq(sum.node[0].size, 8100);
    ck_assert_str_eq(sum.node[1].name, "a");
    ck_assert_str_eq(sum.node[2].name, "/");
    ck_assert_uint_eq(sum.node[2].parent, 1);
    ck_assert_str_eq(sum.type[sum.node[2].type].name, "text/html");
    ck_assert_str_eq(sum.node[3].name, "img");
    ck_assert_uint_eq(sum.node[3].parent, 1);
    ck_assert_str_eq(sum.type[sum.node[3].type].name, "image/png");
    ck_assert_uint_eq(sum.node[4].parent, 3);
    ck_assert_uint_eq(sum.node_count, 7); /* and 1.png, 2.png, b, which has no bytes */
    ck_assert_int_eq(find_node(&sum, "b")->size, 0);
    ck_assert_uint_eq(find_node(&sum, "b")->count, 4);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

/* A page and a directory of one name are two; what sorts between them parts neither; a path with
 * several queries is one; what is deeper than levels are told apart stands in the name. */
START_TEST(tree_has_each_directory_once)
{
    static const struct fake_row row[] = {
        {"http://h/a", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h/a-b", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h/a/x", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h/a/x?1", HAUL_OUTCOME_OK, 11, NULL, NULL},
        {"http://h/a/x?2", HAUL_OUTCOME_OK, 7, NULL, NULL},
        {"http://h/a.b/y", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h/a/", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h/1/2/3/4/5/6/7/8/9/10", HAUL_OUTCOME_OK, 100, NULL, NULL},
        {"http://h", HAUL_OUTCOME_OK, 50, NULL, NULL},
        {"http://h/z//e", HAUL_OUTCOME_OK, 100, NULL, NULL},
    };
    static const char *const once[] = {"a-b", "a.b", "x", "y", "8", "9/10", "z", "e"};
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    size_t alike = 0;

    fake_run(store, row, sizeof row / sizeof *row);
    fake_summary(store, NULL, &sum);
    check_tree(&sum);
    for (size_t i = 0; i < sizeof once / sizeof *once; i++)
        ck_assert_int_eq(find_node(&sum, once[i])->size % 50, once[i][0] == 'x' ? 18 : 0);
    for (size_t i = 0; i < sum.node_count; i++)
        alike += !strcmp(sum.node[i].name, "a");
    ck_assert_uint_eq(alike, 2);
    ck_assert_int_eq(find_node(&sum, "x")->size, 118);
    ck_assert_uint_eq(find_node(&sum, "x")->count, 3);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

/* What a drawing can show of each node, which is no rest: 10 by 10 of 1000 by 480. */
static void check_sizes(const struct haul_summary *sum)
{
    int64_t least = sum->node[0].size / HAUL_SUMMARY_TREE_PARTS, rests = 0;
    size_t directories = 0;

    for (size_t i = 1; i < sum->node_count; i++) {
        bool is_last = i + 1 == sum->node_count || sum->node[i + 1].depth < sum->node[i].depth;

        directories += i + 1 < sum->node_count && sum->node[i + 1].parent == i;
        if (sum->node[i].size >= least)
            continue;
        ck_assert_msg(is_last, "%s is small, and not at the end", sum->node[i].name);
        rests += sum->node[i].size;
    }
    ck_assert_int_lt(rests, (int64_t)(directories + 1) * least);
}

/* One that is as most are: many pages, none of which is a hundredth of it. */
START_TEST(tree_puts_small_pages_together_with_their_neighbours)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    char url[100];

    fake_start(store);
    for (unsigned i = 0; i < 20000; i++) {
        bool is_image = i % 4000 > 2000;
        const struct fake_row row = {url, HAUL_OUTCOME_OK, 100,
                                     is_image ? "image/png" : "text/html", NULL};

        snprintf(url, sizeof url, "http://h/%s-%u/page-%05u", is_image ? "img" : "doc", i / 4000,
                 i);
        fake_add(store, &row, i);
    }
    fake_finish(store, true);
    fake_summary(store, NULL, &sum);
    check_tree(&sum);
    check_sizes(&sum);
    ck_assert_uint_gt(sum.node_count, HAUL_SUMMARY_TREE_PARTS / 2);
    for (size_t i = 2; i < sum.node_count; i++) {
        const struct haul_summary_node *node = &sum.node[i];
        bool is_directory = node->depth == 2;

        ck_assert(is_directory || node->count == 1 || strcmp(node->name, node->last) < 0);
        ck_assert(is_directory || !node->last == (node->count == 1));
        ck_assert(is_directory || node->count <= 5);
        ck_assert_str_eq(sum.type[node->type].name,
                         sum.node[is_directory ? i : node->parent].name[0] == 'i' ? "image/png"
                                                                                  : "text/html");
    }
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

START_TEST(tree_of_a_large_site_is_bounded)
{
    struct haul_store *store = fake_open_private();
    struct haul_summary sum;
    char url[100];

    fake_start(store);
    for (unsigned i = 0; i < 20000; i++) {
        const struct fake_row row = {url, HAUL_OUTCOME_OK, i % 7000, "text/html", NULL};

        snprintf(url, sizeof url, "http://h/%u/%u/%u", i % 100, i % 200, i);
        fake_add(store, &row, i);
    }
    fake_finish(store, true);
    fake_summary(store, NULL, &sum);
    check_tree(&sum);
    check_sizes(&sum);
    ck_assert_uint_gt(sum.node_count, 100);
    ck_assert_uint_eq(sum.page_count, HAUL_SUMMARY_PAGES_MAX);
    ck_assert_uint_le(sum.slice_count, HAUL_SUMMARY_SLICES_MAX);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

static const struct fake_row was[] = {
    {"a/same", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/grown", HAUL_OUTCOME_OK, 10, "text/html", NULL},
    {"a/failing", HAUL_OUTCOME_OK, 1000, "text/html", NULL},
    {"a/gone", HAUL_OUTCOME_OK, 70, "text/html", NULL},
    {"a/unknown", HAUL_OUTCOME_OK, -1, "text/html", NULL},
};
static const struct fake_row is[] = {
    {"a/same", HAUL_OUTCOME_UNCHANGED, 10, NULL, NULL},
    {"a/grown", HAUL_OUTCOME_OK, 25, "text/plain", NULL},
    {"a/failing", HAUL_OUTCOME_FAILED, 5, "text/html", NULL},
    {"a/unknown", HAUL_OUTCOME_OK, 5, "text/html", NULL},
    {"a/added", HAUL_OUTCOME_OK, 200, "text/html", NULL},
};

/* As the comparison has it: what fails in one of the runs is not in it, and what never had a size
 * is neither grown nor new. */
START_TEST(tree_knows_what_has_changed)
{
    struct haul_store *store = fake_open();
    struct haul_summary sum;
    const struct haul_summary_node *node;

    fake_run(store, was, sizeof was / sizeof *was);
    fake_run(store, is, sizeof is / sizeof *is);
    fake_summary(store, NULL, &sum);
    check_tree(&sum);
    node = find_node(&sum, "grown");
    ck_assert_int_eq(node->before, 10);
    ck_assert_int_eq(node->after, 25);
    ck_assert_int_eq(node->added, 0);
    node = find_node(&sum, "added");
    ck_assert_int_eq(node->before + node->after, 0);
    ck_assert_int_eq(node->added, 200);
    node = find_node(&sum, "unknown");
    ck_assert_int_eq(node->before + node->after + node->added, 0);
    ck_assert_int_eq(sum.node[0].before, 10 + 10);
    ck_assert_int_eq(sum.node[0].after, 10 + 25);
    ck_assert_int_eq(sum.node[0].added, 200);
    haul_summary_done(&sum);
    haul_store_free(store);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tree");
    TCase *tcase = tcase_create("tree");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tcase, fake_begin, fake_end);
    tcase_set_timeout(tcase, 20);
    tcase_add_test(tcase, tree_adds_up);
    tcase_add_test(tcase, tree_has_each_directory_once);
    tcase_add_test(tcase, tree_puts_small_pages_together_with_their_neighbours);
    tcase_add_test(tcase, tree_of_a_large_site_is_bounded);
    tcase_add_test(tcase, tree_knows_what_has_changed);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
