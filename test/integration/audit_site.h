#ifndef HAUL_TEST_AUDIT_SITE_H
#define HAUL_TEST_AUDIT_SITE_H

/*
 * A site of 10,000 pages, which nginx serves below it_path("site"), and the sitemaps that name
 * them: packed or not, XML or text. Its pages are files of zeros.
 */

enum { PAGES = 10000, PARTS = 4, MIB = 1 << 20 };

/* Pages that change. */
#define GROWN "/docs/chapter-00/page-0.html"
#define GROWN_2 "/docs/chapter-00/page-1.html"
#define SHRUNK "/img/photos/7.jpg"
#define BROKEN "/static/app-8.js"
#define GONE "/products/9/"
#define GONE_2 "/files/manual-503.pdf"
#define NEW "/img/banner.png"
#define NEW_2 "/blog/2025/12/post-new.html"

const char *site_url(const char *path);

/* Bytes that the page of that number has at first. */
int page_size(int i);

/* The site of the first night. */
void make_site(void);

/* Pages have grown, shrunk, come, gone, and one is broken. */
void make_worse(void);

/* That one is back, and a large one smaller. */
void mend(void);

#endif
