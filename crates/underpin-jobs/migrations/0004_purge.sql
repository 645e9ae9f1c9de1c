-- A tenant's jobs go with it, live, done and dead. A run of one that is under way finds its job gone and commits nothing more.
select underpin.purgeable('underpin.job'), underpin.purgeable('underpin.job_done'), underpin.purgeable('underpin.job_dead');
