print 'x'
exec 'y'
raise E, 'z'
x = ur'a' `b` <> 0777
