"""What Facebook, Instagram and Threads have in common: the Graph API's calls, errors, pages and logins."""
