a = 1 if x else(2)
assert(x)
del(x)
if(x):pass
while(x):pass
for(x)in(y):pass
with(x):pass
for x in[1]:pass
x=lambda:0
x=lambda*a,**k:(a,k)
x=[*a]
x={**a}
not(x)
x=y if(z)else(w)
x=1if 1else 2
return_=1
raise_(x)
import a;import b
from a import(b)
def f():return(x)
def g():yield(x)
def h():raise(x)
class A(object):x=1
class B():y=2
class C:z=3
