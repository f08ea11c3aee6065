#include "catalogue.h"

#include <string.h>

/* In the order in which they are printed. */
static const struct ts_fault_table *const written[] = {
    &ts_faults_connection, &ts_faults_endless, &ts_faults_body,      &ts_faults_head,
    &ts_faults_text,       &ts_faults_next,    &ts_faults_reuse,     &ts_faults_h1_wire,
    &ts_faults_tls,        &ts_faults_h2_end,  &ts_faults_h2_frames, &ts_faults_h2_fields,
    &ts_faults_h2_wire,
};
enum { WRITTEN_COUNT = sizeof(written) / sizeof(written[0]), TABLE_COUNT = WRITTEN_COUNT + 1 };

/* What is generated comes last. */
static const struct ts_fault_table *table_at(size_t i)
{
    return i < WRITTEN_COUNT ? written[i] : ts_faults_h2_moments();
}

static const struct ts_fault *find_in(const struct ts_fault_table *table, struct ts_text name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (ts_text_is(name, table->faults[i].name))
            return &table->faults[i];
    }
    return NULL;
}

const struct ts_fault *ts_catalogue_find(struct ts_text name)
{
    const struct ts_fault *found = NULL;
    for (size_t i = 0; i < TABLE_COUNT && found == NULL; i++)
        found = find_in(table_at(i), name);
    return found;
}

static const char *or_else(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

static bool is_asked_with_head(const struct ts_fault *fault)
{
    return strncmp(or_else(fault->needs, ""), "head", 4) == 0;
}

static void print_fault(FILE *file, const struct ts_fault *fault)
{
    (void)fprintf(file, "%s\t%s\t%s\t", fault->name, or_else(fault->scheme, "http"),
                  or_else(fault->listener, "http"));
    (void)fprintf(file, "%s\t%s%s\t", is_asked_with_head(fault) ? "HEAD" : "GET",
                  fault->path != NULL ? fault->path : "/fault/",
                  fault->path != NULL ? "" : fault->name);
    (void)fprintf(file, "%s\t%s\t%s\t%lld\t%d\t%s\n", or_else(fault->needs, ""), fault->outcome,
                  fault->reason, (long long)fault->size_body, fault->verified ? 1 : 0,
                  fault->description);
}

void ts_catalogue_print(FILE *file)
{
    (void)fputs(
        "name\tscheme\tlistener\tmethod\tpath\tneeds\toutcome\treason\tsize_body\tverified\t"
        "description\n",
        file);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        for (size_t k = 0; k < table_at(i)->count; k++)
            print_fault(file, &table_at(i)->faults[k]);
    }
}
