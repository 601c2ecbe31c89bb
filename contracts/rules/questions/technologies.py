"""Names of programming languages and technologies, to tell them from other tags."""

from typing import Final

from contracts.rules.questions.generic_words import words

_LANGUAGES: Final = """
    ada, apl, assembler, awk, bash, c, c#, c++, clojure, cobol, dart, delphi, elixir, elm, erlang, f#, fortran, go,
    golang, groovy, haskell, java, javascript, julia, kotlin, lisp, lua, matlab, nonmem, objective-c, ocaml, pascal,
    perl, php, pl/i, pl/sql, powershell, prolog, python, r, rexx, rpg, ruby, rust, sas, scala, scheme, shell,
    solidity, sql, stata, swift, t-sql, typescript, vb.net, vba, visual basic
"""
_OTHERS: Final = """
    .net, ab initio, abap, activemq, airflow, android, angular, ansible, apache, appium, argo, arkit, aws, azure,
    bigquery, blockchain,
    camunda, cassandra, ci/cd, circleci, cics, citrix, cloudformation, confluence, confluent,
    couchbase, cucumber, cypress, databricks, datadog, db2, dbt, django, docker, dynamodb, dynatrace, elastic,
    elasticsearch, esb, esim, etl, excel, fastapi, figma, firebase, flask, flink, gcp, generative ai,
    git, github,
    github actions, gitlab, google cloud, grafana, graphql, grpc, hadoop, hana, helm, hibernate, hive, html,
    hyperledger,
    ibm mq, informatica, ios, iot, irt, istio, javafx, jboss, jenkins, jira, jms, jquery, junit, kafka, keras, kibana,
    kubernetes, langchain, ldap, linux, llm, llm evaluation, looker, machine learning, mainframe, mainframes, mariadb,
    maven, microservices, mlflow, mlops, mongodb, mq, mulesoft, mysql, neo4j, new relic, next.js, nginx, node, node.js,
    oauth, odata, openai, openapi, openshift, oracle, pandas, pinecone, playwright, postgres, postgresql, power bi,
    prometheus, pulumi, pytorch, qlik, rabbitmq, rag, rails, react, react native, redis, redshift, rest, rfid, rpa,
    s3, salesforce, sap, scikit-learn, selenium, servicenow, sharepoint, siebel, snowflake, soap, spark, splunk, spring,
    spring boot, sql server, streamlit, swiftui, tableau, teamcity, tensorflow, teradata, terraform, tibco, tomcat,
    typescript, ubuntu, unity, unix, vault, veeva, vmware, vue, webpack, websphere, windows, xml, z/os, zookeeper
"""

_EVERYDAY: Final = frozenset(
    """
    react rust swift spark flask excel vault unity rest node spring ruby dart scheme julia shell soap rails helm hive
    chef puppet salt storm camel express ember elastic basic pandas confluence
    """.split()  # noqa: SIM905 - a list of words
)
_NO_LANGUAGES: Final = frozenset({"SWIFT", "GO", "ADA", "RPG"})  # written so, they are something else


def _names(text: str) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(words(name)) for name in text.replace("\n", " ").split(","))


_KNOWN_LANGUAGES: Final = _names(_LANGUAGES)
_OTHER_TECHNOLOGIES: Final = _names(_OTHERS)


def is_language(tag: str) -> bool:
    """Whether a tag is a programming language."""
    return tuple(words(tag)) in _KNOWN_LANGUAGES and tag not in _NO_LANGUAGES


def is_technology(tag: str) -> bool:
    """Whether a tag is a technology, as "Kafka" is and "Leadership" is not."""
    return is_language(tag) or tuple(words(tag)) in _OTHER_TECHNOLOGIES


def is_everyday_word(word: str) -> bool:
    """Whether the name of a technology is a word of other meanings too: "react" is, "kafka" is not."""
    return word in _EVERYDAY
