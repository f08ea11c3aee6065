/* render-sample WRITER SAMPLE: what a writer makes of a sample summary, on standard output.
 * render-sample texts: the hostile texts, one per line in hexadecimal. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../unit/sample_summary.h"
#include "render/render.h"

static void write_chart(struct haul_out *out, const struct haul_summary *summary)
{
    const struct haul_render_chart_style style = {.columns = 80, .utf8 = true};

    haul_render_write_chart(out, summary, &style);
}

static const struct {
    const char *name;
    void (*write)(struct haul_out *out, const struct haul_summary *summary);
} writers[] = {
    {"chart", write_chart},
    {"github", haul_render_write_github},
    {"html", haul_render_write_html},
    {"json", haul_render_write_json},
    {"junit", haul_render_write_junit},
    {"markdown", haul_render_write_markdown},
    {"prometheus", haul_render_write_prometheus},
};

static int render(const char *name, const struct haul_summary *summary)
{
    struct haul_out *out = haul_out_create(STDOUT_FILENO);
    int status = 2;

    for (size_t i = 0; out && i < sizeof writers / sizeof *writers; i++) {
        if (strcmp(writers[i].name, name) != 0)
            continue;
        writers[i].write(out, summary);
        status = haul_out_flush(out) == HAUL_OK ? 0 : 1;
    }
    haul_out_free(out);
    return status;
}

static int print_texts(void)
{
    for (size_t i = 0; i < sample_text_count; i++) {
        for (const char *at = sample_texts[i]; *at; at++)
            printf("%02x", (unsigned)(unsigned char)*at);
        putchar('\n');
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct sample sample;
    int status;

    if (argc == 2 && strcmp(argv[1], "texts") == 0)
        return print_texts();
    if (argc != 3 || !sample_make(&sample, argv[2])) {
        fputs("usage: render-sample WRITER SAMPLE | render-sample texts\n", stderr);
        return 2;
    }
    status = render(argv[1], &sample.summary);
    sample_done(&sample);
    return status;
}
