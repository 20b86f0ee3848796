drop table public.setup_links, public.api_tokens, public.sessions, public.managers;
drop function taskfeed.end_sessions();
