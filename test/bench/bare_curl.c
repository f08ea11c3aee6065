#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * libcurl and nothing else: `bare_curl THREADS STREAMS FILE` fetches the URLs of FILE, one on a
 * line, with so many transfers at a time on each of so many threads, and throws the bodies away.
 * STREAMS 0: curl_easy_perform, one transfer a thread. No verdicts, no report, no politeness: what
 * any program that uses this libcurl so has to pay. The exit status is 0 if every answer was a 200.
 */

static char **urls;
static size_t url_count;
static atomic_size_t next_url;
static atomic_size_t answered;
static int stream_count;

static void fail(const char *what)
{
    fprintf(stderr, "bare_curl: %s\n", what);
    exit(3);
}

static size_t drop(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * count;
}

static bool set_next(CURL *easy)
{
    size_t i = atomic_fetch_add(&next_url, 1);

    return i < url_count && !curl_easy_setopt(easy, CURLOPT_URL, urls[i]);
}

static CURL *make_handle(void)
{
    CURL *easy = curl_easy_init();

    if (!easy || curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) ||
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop))
        fail("no handle");
    return easy;
}

static void note_end(CURL *easy, CURLcode code)
{
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (!code && status == 200)
        atomic_fetch_add(&answered, 1);
}

static void *run_easy(void *arg)
{
    CURL *easy = make_handle();

    (void)arg;
    while (set_next(easy))
        note_end(easy, curl_easy_perform(easy));
    curl_easy_cleanup(easy);
    return NULL;
}

/* Returns how many transfers ended for good. */
static int collect(CURLM *multi)
{
    int ended = 0, left;
    CURLMsg *message;

    while ((message = curl_multi_info_read(multi, &left))) {
        CURL *easy = message->easy_handle;

        note_end(easy, message->data.result);
        curl_multi_remove_handle(multi, easy);
        if (set_next(easy)) {
            curl_multi_add_handle(multi, easy);
            continue;
        }
        curl_easy_cleanup(easy);
        ended++;
    }
    return ended;
}

static void *run_multi(void *arg)
{
    CURLM *multi = curl_multi_init();
    int active = 0, running;

    (void)arg;
    while (active < stream_count) {
        CURL *easy = make_handle();

        if (!set_next(easy)) {
            curl_easy_cleanup(easy);
            break;
        }
        curl_multi_add_handle(multi, easy);
        active++;
    }
    while (active) {
        curl_multi_perform(multi, &running);
        active -= collect(multi);
        if (active)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    curl_multi_cleanup(multi);
    return NULL;
}

static void read_urls(const char *name)
{
    FILE *file = fopen(name, "r");
    size_t cap = 0, size = 0;
    char *line = NULL;

    if (!file)
        fail("no list");
    while (getline(&line, &size, file) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        if (url_count == cap)
            urls = realloc(urls, (cap = cap ? cap * 2 : 1024) * sizeof *urls);
        if (!urls || !(urls[url_count++] = strdup(line)))
            fail("no memory");
    }
    free(line);
    fclose(file);
}

int main(int argc, char **argv)
{
    pthread_t thread[1024];
    int count = argc == 4 ? atoi(argv[1]) : 0;

    if (count < 1 || count > 1024)
        fail("usage: bare_curl THREADS STREAMS FILE");
    stream_count = atoi(argv[2]);
    read_urls(argv[3]);
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        fail("libcurl");
    for (int i = 0; i < count; i++)
        if (pthread_create(&thread[i], NULL, stream_count ? run_multi : run_easy, NULL))
            fail("no thread");
    for (int i = 0; i < count; i++)
        pthread_join(thread[i], NULL);
    return atomic_load(&answered) == url_count ? 0 : 1;
}
