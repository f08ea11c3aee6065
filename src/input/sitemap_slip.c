#include <stdio.h>

#include "input/sitemap_tree_inside.h"

void haul_sitemap_tree_slip(struct haul_sitemap_tree *tree, uint64_t line, const char *what)
{
    if (tree->slips++)
        return;
    tree->slip_line = line;
    (void)snprintf(tree->slip, sizeof tree->slip, "%s", what);
}

void haul_sitemap_tree_pass_over(struct haul_sitemap_tree *tree, uint64_t line)
{
    if (!tree->passed_over++)
        tree->passed_over_line = line;
}

void haul_sitemap_tree_refuse(struct haul_sitemap_tree *tree, enum haul_err err, const char *cause)
{
    if (tree->err)
        return;
    tree->err = err;
    haul_buf_add_str(&tree->cause, cause);
}
