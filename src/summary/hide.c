#include "summary/hide.h"

#include <string.h>

struct hider {
    struct haul_summary *summary;
    const struct haul_redactor *redactor;
    struct haul_redactor_secrets secrets; /* what the URL of the row had */
    struct haul_buf text;
};

static void hide(struct hider *h, const char **text)
{
    const char *kept;

    if (!*text || h->text.err)
        return;
    haul_buf_clear(&h->text);
    haul_redactor_apply_all(h->redactor, &h->secrets, *text, strlen(*text), &h->text);
    if (h->text.err || strcmp(haul_buf_str(&h->text), *text) == 0)
        return;
    kept = haul_summary_keep(h->summary, haul_buf_str(&h->text));
    if (kept)
        *text = kept;
    else
        h->text.err = HAUL_ERR_NOMEM;
}

static void learn(struct hider *h, const char *url)
{
    haul_redactor_secrets_begin(&h->secrets, url);
    haul_redactor_secrets_learn(&h->secrets, h->redactor, url, strlen(url));
}

static void hide_groups(struct hider *h, struct haul_summary_group *group, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hide(h, &group[i].name);
}

static void hide_pages(struct hider *h, struct haul_summary_page *page, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        learn(h, page[i].url);
        hide(h, &page[i].url);
        hide(h, &page[i].type);
        hide(h, &page[i].source);
    }
    haul_redactor_secrets_begin(&h->secrets, NULL);
}

static void hide_movers(struct hider *h)
{
    for (size_t i = 0; i < h->summary->mover_count; i++) {
        struct haul_summary_mover *mover = &h->summary->mover[i];

        learn(h, mover->url);
        hide(h, &mover->url);
        hide(h, &mover->type_before);
        hide(h, &mover->type_after);
    }
    haul_redactor_secrets_begin(&h->secrets, NULL);
}

static void hide_news(struct hider *h)
{
    for (size_t i = 0; i < h->summary->news_count; i++) {
        learn(h, h->summary->news[i].url);
        hide(h, &h->summary->news[i].url);
    }
    haul_redactor_secrets_begin(&h->secrets, NULL);
}

static void hide_rest(struct hider *h)
{
    struct haul_summary *summary = h->summary;

    hide(h, &summary->title);
    hide_groups(h, summary->host, summary->host_count);
    hide_groups(h, summary->type, summary->type_count);
    hide_groups(h, summary->group, summary->group_count);
    for (size_t i = 0; i < summary->node_count; i++) {
        hide(h, &summary->node[i].name);
        hide(h, &summary->node[i].last);
    }
    for (size_t i = 0; i < summary->budget_count; i++)
        for (size_t k = 0; k < summary->budget[i].offender_count; k++)
            hide(h, &summary->budget[i].offender[k]);
}

enum haul_err haul_summary_hide(struct haul_summary *summary, const struct haul_redactor *redactor)
{
    struct hider h = {.summary = summary, .redactor = redactor};
    enum haul_err err;

    if (!redactor)
        return HAUL_OK;
    haul_redactor_secrets_init(&h.secrets);
    haul_buf_init(&h.text, 0);
    hide_pages(&h, summary->page, summary->page_count);
    hide_pages(&h, summary->failed, summary->failed_count);
    hide_pages(&h, summary->invalid, summary->invalid_count);
    hide_movers(&h);
    hide_news(&h);
    hide_rest(&h);
    err = h.text.err;
    haul_redactor_secrets_done(&h.secrets);
    haul_buf_done(&h.text);
    return err;
}
