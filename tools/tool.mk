# SPDX-License-Identifier: GPL-2.0
#
# Builds, installs and cleans one tool. Its Makefile includes this file and sets:
#
#   PROG     the name of the binary; the manual page is PROG.8
#   SRCS     its source files
#   PKGS     the libraries that it needs, as pkg-config calls them
#   INCLUDES options for the compiler, if it needs header files from elsewhere

OUTPUT ?= .
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man

CFLAGS ?= -O2 -g -Wall -Wextra
PKG_CONFIG ?= pkg-config
INSTALL ?= install

# V=1 shows the commands, and make -s nothing, as in the kernel's make.
Q := $(if $(filter 1,$(V)),,@)
silent := $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say := $(if $(filter 1,$(V))$(silent),@:,@printf '  %-7s %s\n')

BIN := $(OUTPUT)/$(PROG)
OBJS := $(SRCS:%.c=$(OUTPUT)/%.o)

# Debian's name of the package with the header files of a library.
smartcols_DEV := libsmartcols-dev
json-c_DEV := libjson-c-dev

# Look for libraries only if something is going to be compiled.
ifneq ($(filter-out clean uninstall,$(or $(MAKECMDGOALS),all)),)
ifeq ($(shell command -v $(PKG_CONFIG)),)
$(error $(PKG_CONFIG) is missing: apt-get install pkg-config)
endif
MISSING := $(foreach p,$(PKGS),$(shell $(PKG_CONFIG) --exists $(p) || echo $($(p)_DEV)))
ifneq ($(strip $(MISSING)),)
$(error libraries are missing: apt-get install $(strip $(MISSING)))
endif
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS))
endif

ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE= -I. $(INCLUDES) $(PKG_CFLAGS) $(CPPFLAGS) $(CFLAGS) -pthread

all: $(BIN)

$(BIN): $(OBJS)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ $^ $(PKG_LIBS) $(LDLIBS)

$(OUTPUT)/%.o: %.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

install: all
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 755 $(BIN) $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 644 $(PROG).8 $(DESTDIR)$(MANDIR)/man8

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/$(PROG) $(DESTDIR)$(MANDIR)/man8/$(PROG).8

clean:
	rm -f $(BIN) $(OBJS) $(OBJS:.o=.d)

.PHONY: all install uninstall clean
-include $(OBJS:.o=.d)
