# bash completion for minerwall
_minerwall() {
    local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD - 1]} choices=
    COMPREPLY=()
    case $last in
        -p | --policy | -w | --write | --file) ;;  # a file
        --flows | --client | --server | --client-port | --server-port | --vlan | --server-name | --dns-name | --app) return ;;
        --proto)
            mapfile -t COMPREPLY < <(compgen -W 'tcp udp' -- "$word")
            return
            ;;
        *)
            case ${COMP_WORDS[1]-} in
                replay) choices='--policy --write --json --all --flows --help' ;;
                learned) choices='--file --json --help' ;;
                policy)
                    if [ "$COMP_CWORD" = 2 ]; then
                        mapfile -t COMPREPLY < <(compgen -W 'check explain --help' -- "$word")
                        return
                    fi
                    choices='--json --help'
                    if [ "${COMP_WORDS[2]}" = explain ]; then
                        choices='--policy --client --server --client-port --server-port --proto --vlan --server-name --dns-name
                            --app --learned --unreadable --json --help'
                    fi
                    ;;
                *)
                    mapfile -t COMPREPLY < <(compgen -W 'policy replay learned --help --version' -- "$word")
                    return
                    ;;
            esac
            ;;
    esac
    case $word in
        -*) mapfile -t COMPREPLY < <(compgen -W "$choices" -- "$word") ;;
        *)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            ;;
    esac
}
complete -F _minerwall minerwall
