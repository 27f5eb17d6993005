#include "evm/json_rpc.hpp"

#include <array>

#include "evm/json_rpc_calls.hpp"
#include "support.hpp"

namespace calypte::evm::rpc {
namespace {

const Address kAccount = address("0x3535353535353535353535353535353535353535");
const Hash32 kHash = hash32("0x" + std::string(62, '0') + "ab");
const std::string kHashText = "\"0x" + std::string(62, '0') + "ab\"";
const std::string kAccountText = "\"0x3535353535353535353535353535353535353535\"";

Message decoded(std::string_view text) {
  const Json json(text);
  auto message = decode(json);
  EXPECT_TRUE(message.ok()) << text << message.status().to_string();
  Message result = message ? std::move(*message) : Message{};
  result.result = {};  // its document ends here
  return result;
}

Error error(std::int64_t code, std::string message) { return {code, std::move(message), {}}; }

TEST(JsonRpc, a_request_is_version_and_id_and_method_and_parameters) {
  EXPECT_EQ(encode(7, chain_id()), R"({"jsonrpc":"2.0","id":7,"method":"eth_chainId","params":[]})");
  const std::array calls{NumberedCall{1, block_number()}, NumberedCall{2, get_receipt(kHash)}};
  EXPECT_EQ(encode_batch(calls), R"([{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]},)"
                                 R"({"jsonrpc":"2.0","id":2,"method":"eth_getTransactionReceipt","params":[)" +
                                     kHashText + "]}]");
}

TEST(JsonRpc, parameters_are_those_of_the_specification) {
  const auto expect = [](const Call& call, std::string_view method, const std::string& params) {
    EXPECT_EQ(call.method, method);
    EXPECT_EQ(call.params, params);
  };
  expect(gas_price(), "eth_gasPrice", "[]");
  expect(max_priority_fee_per_gas(), "eth_maxPriorityFeePerGas", "[]");
  expect(get_block(BlockTag::finalized), "eth_getBlockByNumber", R"(["finalized",false])");
  expect(get_block(std::uint64_t{255}), "eth_getBlockByNumber", R"(["0xff",false])");
  expect(get_block(kHash), "eth_getBlockByHash", "[" + kHashText + ",false]");
  expect(get_transaction_count(kAccount, BlockTag::pending), "eth_getTransactionCount",
         "[" + kAccountText + R"(,"pending"])");
  expect(get_balance(kAccount, kHash), "eth_getBalance", "[" + kAccountText + R"(,{"blockHash":)" + kHashText + "}]");
  expect(get_code(kAccount, BlockTag::latest), "eth_getCode", "[" + kAccountText + R"(,"latest"])");
  expect(get_transaction(kHash), "eth_getTransactionByHash", "[" + kHashText + "]");
  expect(fee_history(4, BlockTag::latest, std::array{10U, 50U}), "eth_feeHistory", R"(["0x4","latest",[10,50]])");
  expect(send_raw_transaction(bytes("0x02c0")), "eth_sendRawTransaction", R"(["0x02c0"])");
  expect(subscribe_new_heads(), "eth_subscribe", R"(["newHeads"])");
  expect(unsubscribe("0x1\""), "eth_unsubscribe", R"(["0x1\""])");
}

TEST(JsonRpc, a_message_to_a_contract_has_what_is_set) {
  CallMessage message;
  message.data = bytes("0x12");
  EXPECT_EQ(call(message, BlockTag::safe).params, R"([{"input":"0x12","data":"0x12"},"safe"])");
  message.from = kAccount;
  message.to = kAccount;
  message.gas = 21000;
  message.max_fee_per_gas = 16;
  message.max_priority_fee_per_gas = 0;
  message.value = 1;
  const Call estimate = estimate_gas(message, BlockTag::earliest);
  EXPECT_EQ(estimate.method, "eth_estimateGas");
  EXPECT_EQ(estimate.params, R"([{"from":)" + kAccountText + R"(,"to":)" + kAccountText +
                                 R"(,"gas":"0x5208","maxFeePerGas":"0x10","maxPriorityFeePerGas":"0x0","value":"0x1",)"
                                 R"("input":"0x12","data":"0x12"},"earliest"])");
}

TEST(JsonRpc, a_filter_of_logs_has_what_is_set) {
  LogFilter filter;
  EXPECT_EQ(get_logs(filter).params, "[{}]");
  filter.from_block = std::uint64_t{16};
  filter.to_block = BlockTag::latest;
  filter.addresses = {kAccount, kAccount};
  filter.topics = {{kHash}, {}, {kHash, kHash}};
  const std::string where = R"("address":[)" + kAccountText + "," + kAccountText + R"(],"topics":[[)" + kHashText +
                            "],null,[" + kHashText + "," + kHashText + "]]";
  EXPECT_EQ(get_logs(filter).params, R"([{"fromBlock":"0x10","toBlock":"latest",)" + where + "}]");
  EXPECT_EQ(subscribe_logs(filter).params, R"(["logs",{)" + where + "}]");
  LogFilter block;
  block.block_hash = kHash;
  EXPECT_EQ(get_logs(block).params, R"([{"blockHash":)" + kHashText + "}]");
}

TEST(JsonRpc, a_result_is_told_with_its_id) {
  const Json json(R"({"jsonrpc":"2.0","id":7,"result":"0x1"})");
  const auto message = decode(json);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->kind, Message::Kind::result);
  EXPECT_EQ(message->id, 7U);
  EXPECT_EQ(message->result.string(), "0x1");
}

TEST(JsonRpc, a_result_of_null_is_a_result) {
  const Json json(R"({"jsonrpc":"2.0","id":7,"result":null,"error":null})");
  const auto message = decode(json);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->kind, Message::Kind::result);
  EXPECT_EQ(message->result.kind(), venue::json::Kind::null);
}

TEST(JsonRpc, an_error_is_told_with_what_the_contract_said) {
  const std::string data = "0x08c379a0";
  for (const std::string& form :
       {"\"" + data + "\"", "\"Reverted " + data + "\"", R"({"message":"x","data":")" + data + "\"}"}) {
    const Message message =
        decoded(R"({"jsonrpc":"2.0","id":7,"error":{"code":3,"message":"execution reverted","data":)" + form + "}}");
    EXPECT_EQ(message.kind, Message::Kind::error);
    EXPECT_EQ(message.id, 7U);
    EXPECT_EQ(message.error.code, 3);
    EXPECT_EQ(message.error.message, "execution reverted");
    EXPECT_EQ(to_hex(message.error.data), data) << form;
  }
  for (const char* none : {"null", "\"0x0\"", "\"reason\"", "7", "[]"}) {
    EXPECT_TRUE(
        decoded(std::string(R"({"jsonrpc":"2.0","id":1,"error":{"code":3,"data":)") + none + "}}").error.data.empty());
  }
}

TEST(JsonRpc, an_error_counts_more_than_a_result_beside_it) {
  const Message message = decoded(R"({"jsonrpc":"2.0","id":7,"result":"0x1","error":{"code":-32000,"message":"x"}})");
  EXPECT_EQ(message.kind, Message::Kind::error);
}

TEST(JsonRpc, an_error_without_an_id_is_an_error) {
  const Message message = decoded(R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"Parse error"}})");
  EXPECT_EQ(message.kind, Message::Kind::error);
  EXPECT_FALSE(message.id);
}

TEST(JsonRpc, the_text_of_an_error_is_made_fit_for_a_log) {
  const Message message = decoded(R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"a\n\u001b[31m)" +
                                  std::string(1000, 'b') + "\"}}");
  EXPECT_EQ(message.error.message.substr(0, 8), "a??[31mb");
  EXPECT_EQ(message.error.message.size(), 512U);
}

TEST(JsonRpc, a_notification_is_told_with_its_subscription) {
  const Json json(R"({"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x9","result":{"a":1}}})");
  const auto message = decode(json);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->kind, Message::Kind::notification);
  EXPECT_EQ(message->subscription, "0x9");
  EXPECT_EQ(message->result.find("a").integer(), 1);
  EXPECT_FALSE(message->id);
}

TEST(JsonRpc, what_is_none_of_the_three_is_malformed) {
  for (const char* text : {"1",
                           "[]",
                           "{}",
                           R"({"jsonrpc":"1.0","id":1,"result":1})",
                           R"({"id":1,"result":1})",
                           R"({"jsonrpc":"2.0","id":1})",
                           R"({"jsonrpc":"2.0","result":1})",
                           R"({"jsonrpc":"2.0","id":null,"result":1})",
                           R"({"jsonrpc":"2.0","id":-1,"result":1})",
                           R"({"jsonrpc":"2.0","id":"x","result":1})",
                           R"({"jsonrpc":"2.0","id":{},"result":1})",
                           R"({"jsonrpc":"2.0","id":"x","error":{"code":1}})",
                           R"({"jsonrpc":"2.0","id":1,"error":{}})",
                           R"({"jsonrpc":"2.0","id":1,"error":"bad"})",
                           R"({"jsonrpc":"2.0","id":1,"error":{"code":"3"}})",
                           R"({"jsonrpc":"2.0","id":1,"error":{"code":1.5}})",
                           R"({"jsonrpc":"2.0","method":"other","params":{"subscription":"0x9","result":1}})",
                           R"({"jsonrpc":"2.0","method":"eth_subscription","params":{"result":1}})",
                           R"({"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x9"}})",
                           R"({"jsonrpc":"2.0","method":"eth_subscription"})"}) {
    const Json json(text);
    const auto message = decode(json);
    EXPECT_EQ(message.status().code(), StatusCode::malformed) << text;
  }
}

TEST(JsonRpc, errors_of_questions_have_the_codes_of_a_status) {
  const auto code = [](std::int64_t number, std::string text) {
    return error(number, std::move(text)).status().code();
  };
  EXPECT_EQ(code(-32601, "the method does not exist"), StatusCode::unsupported);
  EXPECT_EQ(code(429, "x"), StatusCode::rate_limited);
  EXPECT_EQ(code(-32005, "project ID request rate exceeded"), StatusCode::rate_limited);
  EXPECT_EQ(code(-32005, "limit exceeded"), StatusCode::rate_limited);
  EXPECT_EQ(code(-32005, "query returned more than 10000 results"), StatusCode::rejected);
  EXPECT_EQ(code(-32603, "Internal error"), StatusCode::unavailable);
  EXPECT_EQ(code(-32000, "header not found"), StatusCode::unavailable);
  EXPECT_EQ(code(-32602, "invalid argument"), StatusCode::rejected);
  EXPECT_EQ(code(3, "execution reverted: header not found"), StatusCode::rejected);
  EXPECT_EQ(code(-32000, "execution reverted: header not found"), StatusCode::rejected);
  EXPECT_EQ(error(-32000, "no").status().to_string(), "rejected (-32000) [rejected_by_venue]: no");
  EXPECT_EQ(error(-32000, "").status().message(), "without a text");
}

}  // namespace
}  // namespace calypte::evm::rpc
