-- PostgreSQL's first start: one database for each kind of state, so that each can be kept and restored by itself.
CREATE DATABASE shop;
CREATE DATABASE gateway;
CREATE DATABASE tracker;
