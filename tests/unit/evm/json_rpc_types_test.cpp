#include "evm/json_rpc_types.hpp"

#include "support.hpp"

namespace calypte::evm::rpc {
namespace {

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const auto place = text.find(what);
  EXPECT_NE(place, std::string::npos) << what;
  if (place != std::string::npos) text.replace(place, what.size(), by);
  return text;
}
std::string hash_text(char digit) { return "0x" + std::string(64, digit); }
template <typename Decode>
StatusCode code_of(Decode decode, const std::string& text) {
  const Json json(text);
  return decode(json).status().code();
}

// The forms that anvil 1.7.1 answers with, bloom filters and roots left out.
const std::string kBlock = R"({"hash":"0xe18b31835d1913a1b5e60be0bd48f7edcb0f0070816ae06f744062eb38f96c3d",
  "parentHash":"0x131927e9602714d5af710e421dda503534988aa93c5178bd5d1eb1963ff896d2","number":"0x1",
  "gasLimit":"0x1c9c380","gasUsed":"0x5208","timestamp":"0x6b01e336","baseFeePerGas":"0x3b9aca00",
  "transactions":["0x05ac9116e1eb11f8ed6e25c5732820fa6fa38236c1b0d91fcf0a5435c4460a2c"],"size":"0x2db"})";
const std::string kTransaction = R"({"type":"0x2","chainId":"0x7a69","nonce":"0x3","gas":"0x5208",
  "maxFeePerGas":"0xee6b2800","maxPriorityFeePerGas":"0x3b9aca00","to":"0x3535353535353535353535353535353535353535",
  "value":"0x1","accessList":[],"input":"0x12","hash":"0x05ac9116e1eb11f8ed6e25c5732820fa6fa38236c1b0d91fcf0a5435c4460a2c",
  "blockHash":"0xe18b31835d1913a1b5e60be0bd48f7edcb0f0070816ae06f744062eb38f96c3d","blockNumber":"0x1",
  "transactionIndex":"0x2","from":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266","gasPrice":"0x77359400"})";
const std::string kPending = R"({"type":"0x2","nonce":"0x1","gas":"0x5208","to":null,"value":"0x0","input":"0x",
  "hash":"0x5c6b770f39d98a648257965f09b6e6b7dc561bf9f5d252a109628df7f663e95f","blockHash":null,"blockNumber":null,
  "transactionIndex":null,"from":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"})";

/// A log of the receipt below.
std::string log_text(const std::string& index) {
  return R"({"address":"0x4444444444444444444444444444444444444444","topics":[")" + hash_text('1') + "\",\"" +
         hash_text('2') + R"("],"data":"0xabcd","blockHash":")" + hash_text('b') +
         R"(","blockNumber":"0x10","transactionHash":")" + hash_text('a') +
         R"(","transactionIndex":"0x2","logIndex":")" + index + R"(","removed":false})";
}
std::string receipt_text(const std::string& logs) {
  return R"({"type":"0x2","status":"0x1","cumulativeGasUsed":"0x5208","logs":[)" + logs + R"(],"transactionHash":")" +
         hash_text('a') + R"(","transactionIndex":"0x2","blockHash":")" + hash_text('b') +
         R"(","blockNumber":"0x10","gasUsed":"0x5208","effectiveGasPrice":"0x77359400",
         "from":"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266","to":"0x3535353535353535353535353535353535353535",
         "contractAddress":null,"blockTimestamp":1795285814})";
}

TEST(JsonRpcTypes, quantities_and_hashes_and_bytes_are_read) {
  EXPECT_EQ(decode_uint64(Json(R"("0x7a69")")).value(), 31337U);
  EXPECT_EQ(decode_uint256(Json(R"("0x21e19e0a387cf2b5fff")")).value(), Uint256("0x21e19e0a387cf2b5fff"));
  EXPECT_EQ(decode_hash(Json("\"" + hash_text('a') + "\""))->to_string(), hash_text('a'));
  EXPECT_EQ(to_hex(*decode_bytes(Json(R"("0x0102")"))), "0x0102");
  EXPECT_TRUE(decode_bytes(Json(R"("0x")"))->empty());
  EXPECT_EQ(decode_subscription(Json(R"("0x9cef478923ff08bf67fde6c64013158d")")).value(),
            "0x9cef478923ff08bf67fde6c64013158d");
}

TEST(JsonRpcTypes, other_kinds_of_values_are_malformed) {
  for (const char* text :
       {"null", "1", "true", "[]", "{}", "\"\"", "\"0x\"", "\"0x00\"", "\"7\"", "\"0xg\"", "\"-0x1\""}) {
    EXPECT_EQ(code_of(decode_uint64, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_uint256, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_hash, text), StatusCode::malformed) << text;
  }
  for (const char* text : {"null", "1", "[]", "\"\"", "\"0x0\"", "\"12\""}) {
    EXPECT_EQ(code_of(decode_bytes, text), StatusCode::malformed) << text;
  }
  for (const char* text : {"null", "1", "[]", "1.5", "\"text\""}) {
    EXPECT_EQ(code_of(decode_header, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_log, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_fee_history, text), StatusCode::malformed) << text;
    if (std::string_view(text) == "null") continue;
    EXPECT_EQ(code_of(decode_receipt, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_transaction, text), StatusCode::malformed) << text;
    EXPECT_EQ(code_of(decode_block, text), StatusCode::malformed) << text;
  }
  EXPECT_EQ(code_of(decode_logs, "{}"), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_logs, "null"), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_subscription, "\"\""), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_subscription, "\"" + std::string(1000, 'a') + "\""), StatusCode::malformed);
}

TEST(JsonRpcTypes, an_answer_that_is_missing_is_not_null) {
  EXPECT_EQ(decode_receipt({}).status().code(), StatusCode::malformed);
  EXPECT_EQ(decode_transaction({}).status().code(), StatusCode::malformed);
  EXPECT_EQ(decode_block({}).status().code(), StatusCode::malformed);
}

TEST(JsonRpcTypes, a_header_is_read) {
  const auto header = decode_header(Json(kBlock));
  ASSERT_TRUE(header.ok()) << header.status().to_string();
  EXPECT_EQ(header->number, 1U);
  EXPECT_EQ(header->hash.to_string().substr(0, 6), "0xe18b");
  EXPECT_EQ(header->parent_hash.to_string().substr(0, 6), "0x1319");
  EXPECT_EQ(header->timestamp, 0x6b01e336U);
  EXPECT_EQ(header->gas_limit, 30'000'000U);
  EXPECT_EQ(header->gas_used, 21000U);
  EXPECT_EQ(header->base_fee_per_gas, Uint256(1'000'000'000));
  EXPECT_TRUE(decode_block(Json(kBlock))->has_value());
  EXPECT_FALSE(decode_block(Json("null"))->has_value());
}

TEST(JsonRpcTypes, a_header_before_eip_1559_has_no_base_fee_and_a_bad_one_is_malformed) {
  const std::string without = replaced(kBlock, R"("baseFeePerGas":"0x3b9aca00",)", "");
  EXPECT_FALSE(decode_header(Json(without))->base_fee_per_gas);
  EXPECT_EQ(code_of(decode_header, replaced(kBlock, "0x3b9aca00", "1000")), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_header, replaced(kBlock, R"("0x1",)", "null,")), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_header, replaced(kBlock, R"("0x1",)", "1,")), StatusCode::malformed);
  for (const char* name : {"hash", "parentHash", "number", "timestamp", "gasLimit", "gasUsed"}) {
    const auto text = replaced(kBlock, "\"" + std::string(name) + "\"", R"("other")");
    const Json json(text);
    const auto header = decode_header(json);
    EXPECT_EQ(header.status().code(), StatusCode::malformed) << name;
    EXPECT_NE(header.status().message().find(name), std::string::npos);
  }
}

TEST(JsonRpcTypes, a_transaction_is_read_mined_and_waiting) {
  EXPECT_FALSE(decode_transaction(Json("null"))->has_value());
  const auto mined = decode_transaction(Json(kTransaction));
  ASSERT_TRUE(mined.ok() && mined->has_value()) << mined.status().to_string();
  const TransactionInfo& info = **mined;
  EXPECT_EQ(info.nonce, 3U);
  EXPECT_EQ(info.gas_limit, 21000U);
  EXPECT_EQ(info.value, 1);
  EXPECT_EQ(to_hex(info.input), "0x12");
  EXPECT_EQ(info.to, address("0x3535353535353535353535353535353535353535"));
  EXPECT_EQ(info.from.to_hex(), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  EXPECT_EQ(info.max_fee_per_gas, Uint256(4'000'000'000));
  EXPECT_EQ(info.max_priority_fee_per_gas, Uint256(1'000'000'000));
  EXPECT_EQ(info.gas_price, Uint256(2'000'000'000));
  ASSERT_TRUE(info.position);
  EXPECT_EQ(info.position->block_number, 1U);
  EXPECT_EQ(info.position->transaction_index, 2U);

  const auto waiting = decode_transaction(Json(kPending));
  ASSERT_TRUE(waiting.ok() && waiting->has_value()) << waiting.status().to_string();
  EXPECT_FALSE((*waiting)->position);
  EXPECT_FALSE((*waiting)->to);
  EXPECT_FALSE((*waiting)->gas_price);
}

TEST(JsonRpcTypes, a_transaction_with_half_a_position_is_malformed) {
  EXPECT_EQ(code_of(decode_transaction, replaced(kTransaction, R"("blockNumber":"0x1")", R"("blockNumber":null)")),
            StatusCode::malformed);
  EXPECT_EQ(code_of(decode_transaction, replaced(kTransaction, R"("0x3",)", R"("0x03",)")), StatusCode::malformed);
}

TEST(JsonRpcTypes, a_receipt_is_read) {
  EXPECT_FALSE(decode_receipt(Json("null"))->has_value());
  const auto read = decode_receipt(Json(receipt_text(log_text("0x0") + "," + log_text("0x3"))));
  ASSERT_TRUE(read.ok() && read->has_value()) << read.status().to_string();
  const Receipt& receipt = **read;
  EXPECT_EQ(receipt.transaction_hash.to_string(), hash_text('a'));
  EXPECT_EQ(receipt.position, (BlockPosition{hash32(hash_text('b')), 16, 2}));
  EXPECT_TRUE(receipt.succeeded);
  EXPECT_EQ(receipt.gas_used, 21000U);
  EXPECT_EQ(receipt.fee_paid().value(), Uint256(21000) * 2'000'000'000);
  ASSERT_EQ(receipt.logs.size(), 2U);
  const Log& log = receipt.logs[1];
  EXPECT_EQ(log.log_index, 3U);
  EXPECT_EQ(log.topics, (std::vector<Hash32>{hash32(hash_text('1')), hash32(hash_text('2'))}));
  EXPECT_EQ(to_hex(log.data), "0xabcd");
  EXPECT_EQ(log.address.to_hex(), "0x4444444444444444444444444444444444444444");
  EXPECT_FALSE(log.removed);
}

TEST(JsonRpcTypes, a_reverted_receipt_and_other_words_for_its_status) {
  const std::string text = receipt_text("");
  const auto reverted = decode_receipt(Json(replaced(text, R"("status":"0x1")", R"("status":"0x0")")));
  ASSERT_TRUE(reverted.ok());
  EXPECT_FALSE((*reverted)->succeeded);
  for (const char* bad : {"\"0x2\"", "1", "true", "null", "\"0x\""}) {
    EXPECT_EQ(code_of(decode_receipt, replaced(text, R"("status":"0x1")", R"("status":)" + std::string(bad))),
              StatusCode::malformed)
        << bad;
  }
}

TEST(JsonRpcTypes, logs_of_another_transaction_or_block_do_not_belong_to_a_receipt) {
  const std::string log = log_text("0x0");
  EXPECT_TRUE(decode_receipt(Json(receipt_text(log))).ok());
  for (const auto& [what, by] : {std::pair{hash_text('a'), hash_text('c')}, std::pair{hash_text('b'), hash_text('c')},
                                 std::pair{std::string(R"("0x10")"), std::string(R"("0x11")")},
                                 std::pair{std::string(R"("0x2")"), std::string(R"("0x1")")},
                                 std::pair{std::string("false"), std::string("true")}}) {
    EXPECT_EQ(code_of(decode_receipt, receipt_text(replaced(log, what, by))), StatusCode::malformed) << by;
  }
  EXPECT_EQ(code_of(decode_receipt, receipt_text(log + "," + log)), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_receipt, replaced(receipt_text(""), R"("logs":[])", R"("logs":null)")),
            StatusCode::malformed);
}

TEST(JsonRpcTypes, a_roll_up_charges_on_top_and_no_fee_wraps) {
  const std::string text = receipt_text("");
  const auto rollup = decode_receipt(Json(replaced(text, R"("status")", R"("l1Fee":"0x64","status")")));
  ASSERT_TRUE(rollup.ok());
  EXPECT_EQ((*rollup)->fee_paid().value(), Uint256(21000) * 2'000'000'000 + 100);
  const auto untrue = decode_receipt(Json(replaced(text, "0x77359400", hash_text('f'))));
  ASSERT_TRUE(untrue.ok());
  EXPECT_EQ((*untrue)->fee_paid().status().code(), StatusCode::malformed);
}

TEST(JsonRpcTypes, logs_are_read_with_the_mark_of_a_reorganisation) {
  const auto removed = decode_log(Json(replaced(log_text("0x7"), "false", "true")));
  ASSERT_TRUE(removed.ok());
  EXPECT_TRUE(removed->removed);
  EXPECT_EQ(removed->log_index, 7U);
  EXPECT_FALSE(decode_log(Json(replaced(log_text("0x7"), R"(,"removed":false)", "")))->removed);
  EXPECT_EQ(code_of(decode_log, replaced(log_text("0x7"), "false", "\"no\"")), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_log, replaced(log_text("0x7"), R"("0x10")", "null")), StatusCode::malformed);
  const auto logs = decode_logs(Json("[" + log_text("0x0") + "," + log_text("0x1") + "]"));
  ASSERT_TRUE(logs.ok());
  EXPECT_EQ(logs->size(), 2U);
  EXPECT_TRUE(decode_logs(Json("[]"))->empty());
  EXPECT_EQ(code_of(decode_logs, "[" + log_text("0x0") + ",null]"), StatusCode::malformed);
}

TEST(JsonRpcTypes, a_log_has_at_most_four_topics) {
  const std::string topic = "\"" + hash_text('1') + "\"";
  const auto with = [&topic](int count) {
    std::string topics;
    for (int i = 0; i < count; ++i) topics += (i > 0 ? "," : "") + topic;
    return replaced(log_text("0x0"), topic + ",\"" + hash_text('2') + "\"", topics);
  };
  EXPECT_EQ(decode_log(Json(with(0)))->topics.size(), 0U);
  EXPECT_EQ(decode_log(Json(with(4)))->topics.size(), 4U);
  EXPECT_EQ(code_of(decode_log, with(5)), StatusCode::malformed);
}

TEST(JsonRpcTypes, the_history_of_fees_is_read) {
  const std::string text = R"({"baseFeePerGas":["0x3b9aca00","0x3b9aca00","0x342a1c58"],"gasUsedRatio":[0,0.0007],
    "oldestBlock":"0x5","reward":[["0x0","0x1"],["0x3b9aca00","0x3b9aca01"]]})";
  const auto history = decode_fee_history(Json(text));
  ASSERT_TRUE(history.ok()) << history.status().to_string();
  EXPECT_EQ(history->oldest_block, 5U);
  EXPECT_EQ(history->base_fee_per_gas.back(), 0x342a1c58);
  ASSERT_EQ(history->rewards.size(), 2U);
  EXPECT_EQ(history->rewards[1], (std::vector<Uint256>{0x3b9aca00, 0x3b9aca01}));
  const std::string rewards = R"("reward":[["0x0","0x1"],["0x3b9aca00","0x3b9aca01"]])";
  EXPECT_TRUE(decode_fee_history(Json(replaced(text, rewards, R"("reward":null)")))->rewards.empty());
  EXPECT_EQ(code_of(decode_fee_history, replaced(text, rewards, R"("reward":[["0x0","0x1"]])")), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_fee_history, replaced(text, rewards, R"("reward":[["0x0","0x1"],["0x0"]])")),
            StatusCode::malformed);
  EXPECT_EQ(code_of(decode_fee_history, replaced(text, rewards, R"("reward":[["0x0"],[1]])")), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_fee_history, R"({"oldestBlock":"0x1","baseFeePerGas":[]})"), StatusCode::malformed);
  EXPECT_EQ(code_of(decode_fee_history, R"({"oldestBlock":"0x1"})"), StatusCode::malformed);
}

}  // namespace
}  // namespace calypte::evm::rpc
