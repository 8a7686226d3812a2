BEGIN TRANSACTION;
CREATE TABLE aleph_nb (
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "aleph_nb" VALUES('id','413a74e0-3652-41eb-aa0f-bad7c12c5fe1');
INSERT INTO "aleph_nb" VALUES('schema','1');
CREATE TABLE answers (
	task INTEGER NOT NULL, 
	raw TEXT, 
	PRIMARY KEY (task), 
	FOREIGN KEY(task) REFERENCES tasks ("key")
);
INSERT INTO "answers" VALUES(1,'{"code":200,"data":{"taskId":"a"}}');
INSERT INTO "answers" VALUES(4,'{"code":200,"data":{"taskId":"c"}}');
CREATE TABLE records (
	task INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	prompt TEXT, 
	create_time BIGINT, 
	complete_time BIGINT, 
	error_code BIGINT, 
	error_message TEXT, 
	source_video_url TEXT, 
	result_video_url TEXT, 
	result_image_url TEXT, 
	success_flag BIGINT, 
	params TEXT, 
	code BIGINT, 
	msg TEXT, 
	fetched_at BIGINT, 
	PRIMARY KEY (task), 
	FOREIGN KEY(task) REFERENCES tasks ("key")
);
INSERT INTO "records" VALUES(1,'','A lantern parade, a',1795442400000,1795442580000,NULL,NULL,NULL,'https://media.example/a.mp4',NULL,1,'{"prompt":"A lantern parade, a","seed":7}',200,'success',1795449600000);
INSERT INTO "records" VALUES(4,'501: the reference is blocked','A lantern parade, c',1795442400000,NULL,501,'the reference is blocked',NULL,NULL,NULL,0,'{"prompt":"A lantern parade, c","seed":7}',200,'success',1795449600000);
CREATE TABLE services (
	"key" INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (name)
);
INSERT INTO "services" VALUES(1,'https://api.kie.ai');
INSERT INTO "services" VALUES(2,'demo');
CREATE TABLE tasks (
	"key" INTEGER NOT NULL, 
	service INTEGER NOT NULL, 
	task_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	first_asked BIGINT NOT NULL, 
	last_asked BIGINT NOT NULL, 
	dated BIGINT NOT NULL, 
	expires_at BIGINT, 
	labels TEXT, 
	searched TEXT NOT NULL, 
	PRIMARY KEY ("key"), 
	UNIQUE (service, task_id), 
	FOREIGN KEY(service) REFERENCES services ("key")
);
INSERT INTO "tasks" VALUES(1,1,'a','succeeded',1795449600000,1795449600000,1795442400000,1796652180000,'{"shot":"12a"}','a
a lantern parade, a
shot
12a');
INSERT INTO "tasks" VALUES(2,1,'b','no_answer',1795449600000,1795449600000,1795449600000,NULL,NULL,'b');
INSERT INTO "tasks" VALUES(3,2,'a','no_answer',1795449660000,1795449660000,1795449660000,NULL,NULL,'a');
INSERT INTO "tasks" VALUES(4,1,'c','failed',1795449600000,1795449600000,1795442400000,NULL,NULL,'c
a lantern parade, c
the reference is blocked
501: the reference is blocked');
CREATE INDEX tasks_by_date ON tasks (service, dated);
CREATE INDEX tasks_by_state ON tasks (service, state, dated);
CREATE INDEX tasks_by_asking ON tasks (service, last_asked);
COMMIT;
