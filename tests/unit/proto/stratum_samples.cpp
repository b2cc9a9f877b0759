#include "stratum_samples.hpp"

#include <algorithm>

namespace minerwall::proto::samples {
namespace {

constexpr Speaker kMiner = Speaker::miner;
constexpr Speaker kPool = Speaker::pool;

std::vector<Sample> expanded(std::vector<Sample> samples) {
    for (Sample& sample : samples) {
        sample.json = expand(std::move(sample.json));
    }
    return samples;
}

}  // namespace

std::string expand(std::string text) {
    const std::pair<std::string_view, const char*> words[] = {{"$H", kHash}, {"$W", kWallet}};
    for (const auto& [word, replacement] : words) {
        for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
            text.replace(at, word.size(), replacement);
        }
    }
    return text;
}

std::vector<Sample> stratum_v1() {
    constexpr Dialect d = Dialect::stratum_v1;
    return expanded({
        {R"({"id":1,"method":"mining.configure","params":[["version-rolling"],{"version-rolling.mask":"1fffe000"}]})",
         d, kMiner, "mining.configure"},
        {R"({"id": 1, "method": "mining.subscribe", "params": ["cgminer/4.11.1"]})", d, kMiner,
         "mining.subscribe", "", "cgminer/4.11.1"},
        {R"({"id":1,"method":"mining.subscribe","params":[]})", d, kMiner, "mining.subscribe"},
        {R"({"id":1,"method":"mining.subscribe"})", d, kMiner, "mining.subscribe"},
        {R"({"method":"mining.subscribe"})", d, kMiner, "mining.subscribe"},
        {R"({"id":1,"method":"mining.subscribe","params":null})", d, kMiner, "mining.subscribe"},
        {R"({"id":1,"method":"mining.subscribe","params":["MinerName/1.0.0","EthereumStratum/1.0.0"]})",
         d, kMiner, "mining.subscribe", "", "MinerName/1.0.0"},
        {R"({"id":1,"method":"mining.subscribe","params":["equihashminer",null,"zec.pool.example",2142]})",
         d, kMiner, "mining.subscribe", "", "equihashminer", "zec.pool.example:2142"},
        {R"({"id":1,"method":"mining.subscribe","params":["kawpowminer/1.2.4","deadbeef","stratum+tcp://rvn.pool.example","8888"]})",
         d, kMiner, "mining.subscribe", "", "kawpowminer/1.2.4", "rvn.pool.example:8888"},
        Sample{
            R"({"id":0,"method":"mining.subscribe","body":{"version":1,"publicAddress":"$H","name":"rig"}})",
            d, kMiner, "mining.subscribe", kHash}
            .at_rig("rig"),
        Sample{R"({"id":1,"jsonrpc":"2.0","method":"mining.subscribe","params":["worker.1",""]})",
               d, kMiner, "mining.subscribe", "worker.1"}
            .at_rig("1"),
        {R"({"id":0,"method":"mining.hello","params":{"agent":"ethminer-0.17","host":"eth.pool.example","port":"16a8","proto":"EthereumStratum/2.0.0"}})",
         d, kMiner, "mining.hello", "", "ethminer-0.17", "eth.pool.example:5800"},
        {R"({"id":0,"method":"mining.hello","params":["alephium-miner/0.1","stratum.pool.example","20032"]})",
         d, kMiner, "mining.hello", "", "alephium-miner/0.1", "stratum.pool.example:20032"},
        {R"({"id":"0","method":"mining.hello","params":["bzminer","AlephiumStratum/1.0.0"]})", d,
         kMiner, "mining.hello", "", "bzminer"},
        {R"({"id":"0","jsonrpc":"2.0","result":["AlephiumStratum/1.0.0",false,"3c","ff","node/1"]})",
         d, kPool},
        {R"({"id":"1","method":"connection.set_gzip"})", d, Speaker::unknown,
         "connection.set_gzip"},
        {R"({"id":null,"method":"mining.set_cleanjobs","params":[true]})", d, kPool,
         "mining.set_cleanjobs"},
        {R"({"id":9,"method":"alph_submitHashrate","params":["0x1f","0x$H"]})", d, kMiner,
         "alph_submitHashrate"},
        {R"({"id":0,"method":"mining.hello","params":{"agent":"m/1","host":"2001:db8::1","port":"1bc","proto":"EthereumStratum/2.0.0"}})",
         d, kMiner, "mining.hello", "", "m/1", "[2001:db8::1]:444"},
        {R"({"id":3,"jsonrpc":"2.0","method":"mining.hello"})", d, kMiner, "mining.hello"},
        Sample{
            R"({"method":"mining.reconnect","params":{"host":"b.pool.example","port":"d80","resume":"1"}})",
            d, kPool, "mining.reconnect"}
            .going_to("b.pool.example:3456"),
        {R"({"id":null,"method":"mining.bye"})", d, Speaker::unknown, "mining.bye"},
        {R"({"id":0,"result":{"proto":"EthereumStratum/2.0.0","encoding":"gzip","resume":"1","timeout":"b4","maxerrors":"5","node":"Geth/v1"},"error":null})",
         d, kPool},
        {R"({"id":7,"method":"connection.set_gzip","params":[true]})", d, Speaker::unknown,
         "connection.set_gzip"},
        Sample{R"({"id":2,"method":"mining.authorize","params":["$W.rig1","x"]})", d, kMiner,
               "mining.authorize", "$W.rig1"}
            .at_rig("rig1"),
        Sample{R"({"params": ["slush.miner1", "password"], "id": 2, "method": "mining.authorize"})",
               d, kMiner, "mining.authorize", "slush.miner1"}
            .at_rig("miner1"),
        {R"({"id":3,"method":"mining.suggest_difficulty","params":[1024]})", d, kMiner,
         "mining.suggest_difficulty"},
        {R"({"id":3,"method":"mining.suggest_target","params":["$H"]})", d, kMiner,
         "mining.suggest_target"},
        {R"({"id":4,"method":"mining.extranonce.subscribe","params":[]})", d, kMiner,
         "mining.extranonce.subscribe"},
        Sample{
            R"({"id":5,"method":"mining.submit","params":["slush.miner1","bf","00000001","504e86ed","b2957c02"]})",
            d, kMiner, "mining.submit", "slush.miner1"}
            .at_rig("miner1"),
        {R"({"params": ["26eb-2"], "id": "txlist26eb-2", "method": "mining.get_transactions"})", d,
         kMiner, "mining.get_transactions"},
        {R"({"id":16,"method":"mining.hashrate","params":["500000","0x$H"]})", d, kMiner,
         "mining.hashrate"},
        {R"({"id":50,"method":"mining.noop"})", d, kMiner, "mining.noop"},
        {R"({"id":1,"result":[[["mining.set_difficulty","b4b6693b"],["mining.notify","ae6812eb"]],"08000002",4],"error":null})",
         d, kPool},
        {R"({"id":1,"result":[[["mining.notify","ae6812eb"]],"08000002",4],"error":null})", d,
         kPool},
        {R"({"error":null,"id":8,"result":[["mining.notify","ae6812eb4cd7735a302a8a9dd95cf71f","EthereumStratum/1.0.0"],"080c"]})",
         d, kPool},
        {R"({"method":"mining.notify","params":["bf","$H","0100","072f",["$H"],"00000002","1c2ac4af","504e86b9",false],"id":null})",
         d, kPool, "mining.notify"},
        {R"({"params":["bf","$H","0100","072f",[],"00000002","1c2ac4af","504e86b9",true],"id":null,"method":"mining.notify"})",
         d, kPool, "mining.notify"},
        {R"({"id":null,"method":"mining.notify","body":{"miningRequestId":12,"header":"00ff"}})", d,
         kPool, "mining.notify"},
        {R"({"id":2,"method":"mining.subscribed","body":{"clientId":1,"graffiti":"aa","xn":"0a"}})",
         d, kPool, "mining.subscribed"},
        {R"({"id":null,"method":"mining.set_difficulty","params":[4096]})", d, kPool,
         "mining.set_difficulty"},
        {R"({"id":null,"method":"mining.set_target","params":["$H"]})", d, kPool,
         "mining.set_target"},
        {R"({"id":null,"method":"mining.set_extranonce","params":["08000002",4]})", d, kPool,
         "mining.set_extranonce"},
        {R"({"id":null,"method":"set_extranonce","params":["0a1b",6]})", d, kPool,
         "set_extranonce"},
        {R"({"id":null,"method":"mining.set_version_mask","params":["1fffe000"]})", d, kPool,
         "mining.set_version_mask"},
        {R"({"id":9,"method":"mining.ping"})", d, kPool, "mining.ping"},
        {R"({"id":null,"method":"mining.set","params":{"epoch":"dc","target":"00ffff","algo":"ethash","extranonce":"af4c"}})",
         d, kPool, "mining.set", "", "", "", "ethash"},
        Sample{R"({"id":null,"method":"client.reconnect","params":["eu.pool.example",3333,60]})", d,
               kPool, "client.reconnect"}
            .going_to("eu.pool.example:3333"),
        Sample{R"({"id":null,"method":"client.reconnect","params":["192.0.2.7","3334"]})", d, kPool,
               "client.reconnect"}
            .going_to("192.0.2.7:3334"),
        Sample{R"({"id":null,"method":"client.reconnect","params":["2001:db8::7","3334"]})", d,
               kPool, "client.reconnect"}
            .going_to("[2001:db8::7]:3334"),
        {R"({"id":null,"method":"client.reconnect","params":[]})", d, kPool, "client.reconnect"},
        Sample{
            R"({"id":null,"method":"client.reconnect","params":{"host":"eu.pool.example","port":443}})",
            d, kPool, "client.reconnect"}
            .going_to("eu.pool.example:443"),
        {R"({"id":null,"method":"client.show_message","params":["Maintenance at noon"]})", d, kPool,
         "client.show_message"},
        {R"({"id":11,"method":"client.get_version","params":[]})", d, kPool, "client.get_version"},
        {R"({"id":12,"method":"mining.some_new_thing","params":{"a":1}})", d, Speaker::unknown,
         "mining.some_new_thing"},
    });
}

std::vector<Sample> cryptonote() {
    constexpr Dialect d = Dialect::cryptonote;
    return expanded({
        Sample{
            R"({"jsonrpc":"2.0","method":"client.reconnect","params":{"port":"3333","host":"b.pool.example"}})",
            Dialect::stratum_v1, kPool, "client.reconnect"}
            .going_to("b.pool.example:3333"),
        {R"j({"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"$W","pass":"x","agent":"XMRig/6.21.3 (Linux x86_64)","rigid":"","algo":["rx/0","cn/r"]}})j",
         d, kMiner, "login", kWallet, "XMRig/6.21.3 (Linux x86_64)", "", "rx/0"},
        {R"({"id":1,"method":"login","params":{"login":"$W","pass":"donations"}})", d, kMiner,
         "login", kWallet},
        {R"({"method":"login","params":{"login":"x","pass":"y"},"id":1})", d, kMiner, "login", "x"},
        {R"({"method":"login","params":{"login":"worker","agent":"xmr/1.0"}})", d, kMiner, "login",
         "worker", "xmr/1.0"},
        {R"({"method":"login","params":{"login":"$W"},"id":1})", d, kMiner, "login", kWallet},
        {R"({"id":"0","jsonrpc":"2.0","method":"login","params":{"login":"grin@pool","pass":"","agent":"grin-miner"}})",
         d, kMiner, "login", "grin@pool", "grin-miner"},
        {R"({"method":"login","api_key":"$H","id":"login","jsonrpc":"2.0"})", d, kMiner, "login",
         kHash},
        {R"({"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"3dce749b","job":{"blob":"0707c5e0","job_id":"x9pN+y","target":"711b0d00","algo":"rx/0"},"status":"OK"}})",
         d, kPool, "", "", "", "", "rx/0"},
        {R"({"id":1,"result":{"id":"1","job":{"pre_pow":"0001000000","job_id":1,"height":9,"difficulty":4},"status":"OK"}})",
         d, kPool},
        {R"({"id":3,"result":{"blob":"0707c5e0","job_id":"7","target":"711b0d00"}})", d, kPool},
        {R"({"jsonrpc":"2.0","method":"job","params":{"blob":"0707c5e0","job_id":"RBcj","target":"91fd0600","algo":"cn/r"}})",
         d, kPool, "job", "", "", "", "cn/r"},
        {R"({"id":"Stratum","jsonrpc":"2.0","method":"job","params":{"difficulty":1,"height":16375,"job_id":5,"pre_pow":"00010000"}})",
         d, kPool, "job"},
        {R"({"method":"submit","params":{"id":"98333","job_id":"39736","nonce":"220c0000","result":"$H"},"id":4})",
         d, kMiner, "submit"},
        {R"({"id":"0","jsonrpc":"2.0","method":"submit","params":{"edge_bits":29,"height":16419,"job_id":0,"nonce":8895699060858340771,"pow":[4210040,10141596]}})",
         d, kMiner, "submit"},
        {R"({"jsonrpc":"2.0","method":"job","params":{"pool_wallet":"$W","extra_nonce":"7f00","job_id":"3","target":"91fd0600"}})",
         d, kPool, "job"},
        {R"({"id":7,"method":"block_template","params":{"id":"9","job_id":"3","blob":"0707c5e0","height":9}})",
         d, kMiner, "block_template"},
        {R"({"id":5,"jsonrpc":"2.0","method":"keepalived","params":{"id":"98333"}})", d, kMiner,
         "keepalived"},
        {R"({"id":5,"jsonrpc":"2.0","error":null,"result":{"status":"KEEPALIVED"}})", d, kPool},
        Sample{
            R"({"method":"login","params":{"login":"$W.rig9","pass":"x","rigid":"shed"},"id":1})",
            d, kMiner, "login", "$W.rig9"}
            .at_rig("shed"),
        Sample{R"({"method":"login","params":{"login":"$W.rig9","pass":"x","rigid":""},"id":1})", d,
               kMiner, "login", "$W.rig9"}
            .at_rig("rig9"),
        {R"({"method":"login","params":{"login":"who@mail.example.org","pass":"x"},"id":1})", d,
         kMiner, "login", "who@mail.example.org"},
        {R"({"method":"login","params":{"login":"$W","pass":"xmrstak","agent":"xmr-stak/2.10.8","rigid":""},"id":1})",
         d, kMiner, "login", kWallet, "xmr-stak/2.10.8"},
        {R"({"id":1,"method":"login","params":{"login":"$W","mode":"self-select","algo":"rx/0","pass":"x"}})",
         d, kMiner, "login", kWallet, "", "", "rx/0"},
        {R"({"id":"1","jsonrpc":"2.0","method":"login","result":{"id":"9","job":{"pre_pow":"0001","job_id":"2","target":"ff00"},"status":"OK"}})",
         d, kPool, "login"},
        {R"({"id":"2","jsonrpc":"2.0","method":"getjobtemplate","params":null})", d, kMiner,
         "getjobtemplate"},
        {R"({"id":"0","jsonrpc":"2.0","method":"getjobtemplate","result":{"difficulty":1,"height":13726,"job_id":4,"pre_pow":"00010000"}})",
         d, kPool, "getjobtemplate"},
        {R"({"difficulty":1091575,"height":1,"id":"7","input":"$H","jsonrpc":"2.0","method":"job"})",
         d, kPool, "job"},
        {R"({"id":"7","jsonrpc":"2.0","method":"solution","nonce":"fa23","output":"00aa11"})", d,
         kMiner, "solution"},
        {R"({"code":0,"description":"Login successful","id":"login","jsonrpc":"2.0","method":"result","nonceprefix":"ed7a2b"})",
         d, kPool, "result"},
    });
}

std::vector<Sample> ethproxy() {
    constexpr Dialect d = Dialect::ethproxy;
    return expanded({
        Sample{
            R"({"id":1,"jsonrpc":"2.0","method":"eth_submitLogin","worker":"rig7","params":["0x00112233445566778899aabbccddeeff00112233","x"]})",
            d, kMiner, "eth_submitLogin", "0x00112233445566778899aabbccddeeff00112233"}
            .at_rig("rig7"),
        {R"({"id":1,"method":"eth_login","params":["user","x"]})", d, kMiner, "eth_login", "user"},
        Sample{R"({"id":1,"method":"eth_submitLogin","params":["0xabc.rig2","who@example.org"]})",
               d, kMiner, "eth_submitLogin", "0xabc.rig2"}
            .at_rig("rig2"),
        Sample{R"({"worker":"","jsonrpc":"2.0","params":[],"id":3,"method":"eth_getWork"})", d,
               kMiner, "eth_getWork"},
        {R"({"id":1,"method":"ctxc_submitLogin","params":["0xabc"]})", d, kMiner,
         "ctxc_submitLogin", "0xabc"},
        {R"({"id":5,"jsonrpc":"2.0","method":"eth_getWork","params":[]})", d, kMiner,
         "eth_getWork"},
        {R"({"id":3,"method":"eth_getWork"})", d, kMiner, "eth_getWork"},
        Sample{
            R"({"id":4,"jsonrpc":"2.0","method":"eth_submitWork","params":["0x0123456789abcdef","0x$H","0x$H"],"worker":"rig7"})",
            d, kMiner, "eth_submitWork"}
            .at_rig("rig7"),
        {R"({"id":6,"jsonrpc":"2.0","method":"eth_submitHashrate","params":["0x1f","0x$H"]})", d,
         kMiner, "eth_submitHashrate"},
        {R"({"id":0,"jsonrpc":"2.0","result":["0x$H","0x$H","0x$H"]})", d, kPool},
        {R"({"id":0,"result":["0x$H","0x$H","0x112e0be826d694b2e62d01511f12a6061fbaec8bc02357593e70e52ba","0x5208"]})",
         d, kPool},
    });
}

std::vector<Sample> http_requests() {
    return expanded({
        {R"({"method": "getwork", "params": [], "id":0})", Dialect::getwork, kMiner, "getwork"},
        {R"({"method":"getwork","params":["00000001ab"],"id":1})", Dialect::getwork, kMiner,
         "getwork"},
        {R"({"id": 0, "method": "getblocktemplate", "params": [{"capabilities": ["coinbasetxn"], "maxversion": 4}]})",
         Dialect::getblocktemplate, kMiner, "getblocktemplate"},
        {R"({"id":0,"method":"submitblock","params":["0100000082d3"]})", Dialect::getblocktemplate,
         kMiner, "submitblock"},
        {R"({"jsonrpc":"2.0","id":"0","method":"get_block_template","params":{"wallet_address":"$W","reserve_size":60}})",
         Dialect::monero_daemon, kMiner, "get_block_template", kWallet},
        {R"({"jsonrpc":"2.0","id":"0","method":"getblocktemplate","params":{"extra_nonce":"0011","wallet_address":"$W"}})",
         Dialect::monero_daemon, kMiner, "getblocktemplate", kWallet},
        {R"({"jsonrpc":"2.0","id":"0","method":"submit_block","params":["0707e6bdfedc"]})",
         Dialect::monero_daemon, kMiner, "submit_block"},
        {R"({"jsonrpc":"2.0","id":"0","method":"submitblock","params":["1010e6bdfedc05aa"]})",
         Dialect::monero_daemon, kMiner, "submitblock"},
        {R"({"params":{"reserve_size":8,"wallet_address":"$W","prev_block":""},"id":"0","jsonrpc":"2.0","method":"get_block_template"})",
         Dialect::monero_daemon, kMiner, "get_block_template", kWallet},
        {R"({"jsonrpc":"2.0","id":"0","method":"get_miner_data"})", Dialect::monero_daemon, kMiner,
         "get_miner_data"},
        {R"({"jsonrpc":"1.0","id":9,"method":"submitblock","params":["00e0ff3f00ab","work"]})",
         Dialect::getblocktemplate, kMiner, "submitblock"},
        {R"({"id":0,"method":"getblocktemplate","params":{"template_request":{"rules":["segwit"]}}})",
         Dialect::getblocktemplate, kMiner, "getblocktemplate"},
        {R"({"id":0,"method":"getblocktemplate"})", Dialect::getblocktemplate, kMiner,
         "getblocktemplate"},
    });
}

std::vector<Sample> http_responses() {
    return expanded({
        {R"({"error":null,"id":0,"result":{"data":"$H$H$H$H","hash1":"$H","midstate":"$H","target":"$H"}})",
         Dialect::getwork, kPool},
        {R"({"id":0,"error":null,"result":{"previousblockhash":"$H","version":2,"coinbaseaux":{"flags":""},"coinbasevalue":2500000000,"transactions":[],"target":"$H","bits":"1d00ffff"}})",
         Dialect::getblocktemplate, kPool},
        {R"({"id":"0","jsonrpc":"2.0","result":{"blocktemplate_blob":"0707e6bd","difficulty":44,"height":99,"prev_hash":"$H","reserved_offset":130,"status":"OK"}})",
         Dialect::monero_daemon, kPool},
    });
}

std::vector<Sample> webminer() {
    constexpr Dialect d = Dialect::webminer;
    return expanded({
        {R"({"type":"auth","params":{"version":7,"site_key":"aBcDeF012345","type":"anonymous","user":null,"goal":0}})",
         d, kMiner, "auth", "aBcDeF012345"},
        {R"({"params":{"type":"user","user":"u1","site_key":"aBcDeF012345"},"type":"auth"})", d,
         kMiner, "auth", "aBcDeF012345"},
        {R"({"type":"auth","params":{"version":"v2","userID":"0f3c","goal":0}})", d, kMiner, "auth",
         "0f3c"},
        {R"({"type":"authed","params":{"token":"","hashes":0}})", d, kPool, "authed"},
        {R"({"type":"job","params":{"job_id":"1843","blob":"0707c5e0","target":"ffffff00"}})", d,
         kPool, "job"},
        {R"({"type":"job","params":{"blob":"0707c5e0","target":"ff","job_id":"1","algo":"cn-lite"}})",
         d, kPool, "job", "", "", "", "cn-lite"},
        {R"({"type":"submit","params":{"version":7,"job_id":"1843","nonce":"1a2b3c4d","result":"$H"}})",
         d, kMiner, "submit"},
        {R"({"type":"hash_accepted","params":{"hashes":256}})", d, kPool, "hash_accepted"},
        {R"({"identifier":"handshake","pool":"pool.example","login":"$W","password":"","userid":"","version":4})",
         d, kMiner, "handshake", kWallet, "", "pool.example"},
        {R"({"identifier":"handshake","pool":"xmr.pool.example:23335","rightalgo":"cn/r","login":"$W","password":"x"})",
         d, kMiner, "handshake", kWallet, "", "xmr.pool.example:23335"},
        {R"({"identifier":"job","job_id":"7","algo":"cn","variant":1,"height":0,"blob":"0707c5e0","target":"711b0d00"})",
         d, kPool, "job", "", "", "", "cn"},
        {R"({"identifier":"solved","job_id":"7","nonce":"1a2b3c4d","result":"$H"})", d, kMiner,
         "solved"},
        {R"({"identifier":"hashsolved"})", d, kPool, "hashsolved"},
    });
}

std::vector<Sample> all_lines() {
    std::vector<Sample> all;
    for (auto part : {stratum_v1, cryptonote, ethproxy, http_requests, http_responses}) {
        for (Sample& sample : part()) {
            all.push_back(std::move(sample));
        }
    }
    return all;
}

Seen scan(std::string_view text, Carrier carrier, const std::vector<std::size_t>& cuts,
          StreamStart start) {
    StratumScanner scanner;
    scanner.reset(carrier, start);
    Seen seen;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size() && !seen.mining && !seen.not_json; ++i) {
        const std::size_t to = i < cuts.size() ? std::min(cuts[i], text.size()) : text.size();
        std::size_t taken = 0;
        const auto state = scanner.feed(as_bytes(text.substr(from, to - from)), seen.info, taken);
        seen.consumed += taken;
        seen.mining = state == StratumScanner::State::mining;
        seen.not_json = state == StratumScanner::State::not_json;
        from = to;
    }
    return seen;
}

Seen scan_bytewise(std::string_view text, Carrier carrier) {
    std::vector<std::size_t> cuts(text.size());
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        cuts[i] = i + 1;
    }
    return scan(text, carrier, cuts);
}

}  // namespace minerwall::proto::samples
