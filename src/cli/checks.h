// The single checks of `pacs-lite check`. None changes anything that is there.
#pragma once

#include "cli/finding.h"
#include "core/clock.h"
#include "core/settings.h"

namespace pacs::cli {

// MEDIA_URL against STATIC_URL and everything else that settings can be wrong about.
void check_settings(const SettingProblems& problems, Findings& findings);

// Do the folders exist, who may write them, how much room is there, on what kind of filesystem?
void check_folders(const Settings& settings, Findings& findings);

// Is the bucket there, may it be listed, written, read and cleared, does it do what is asked of it,
// and may browsers fetch from it? What it writes for that it removes. A missing bucket is made
// where that is wanted.
enum class MissingBucket { report, create };
void check_object_store(const Settings& settings, MissingBucket missing_bucket, const Clock& clock,
                        Findings& findings);

// Is the index a database in the mode that survives a power cut?
void check_index(const Settings& settings, Findings& findings);

// Are the secrets there, whole, and closed to others?
void check_keys(const Settings& settings, const Clock& clock, Findings& findings);

// Can the time be believed? Signed URLs and tokens expire by it.
void check_clock(const Clock& clock, Findings& findings);

// Enough descriptors for the connections that are allowed?
void check_limits(const Settings& settings, Findings& findings);

// Does a server own the data folder, and does it say that it is ready?
void check_running_server(const Settings& settings, Findings& findings);

// A stored file is asked for without a signature, the way a browser would come: it must be refused,
// and by this server. A web server that serves MEDIA_ROOT by itself shows every image to everybody.
void check_public_url(const Settings& settings, Findings& findings);

}  // namespace pacs::cli
