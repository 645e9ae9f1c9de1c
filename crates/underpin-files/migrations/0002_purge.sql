-- A tenant's uploads go with it; their objects are removed after the commit, or by the sweep, which finds no row for them.
select underpin.purgeable('underpin.upload');
