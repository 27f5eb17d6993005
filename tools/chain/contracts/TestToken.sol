// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// A token for tests: plain ERC-20 in its proper manner, and on order one of those that one meets in the field and that
/// a trader has to notice before money is lost.
contract TestToken {
    enum Manner {
        proper,
        refuse, // answers false and moves nothing
        tax, // a hundredth of what is transferred never arrives
        step, // an allowance other than zero is only changed to zero
        mute, // does what it is told and answers nothing, not even true
        pause // reverts
    }

    string public name;
    string public symbol;
    uint8 public immutable decimals;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address public immutable owner;
    Manner public manner;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    modifier onlyOwner() {
        require(msg.sender == owner, "NOT_OWNER");
        _;
    }

    constructor(string memory name_, string memory symbol_, uint8 decimals_, address[] memory holders, uint256 each) {
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
        owner = msg.sender;
        for (uint256 i = 0; i < holders.length; ++i) _mint(holders[i], each);
    }

    function setManner(Manner manner_) external onlyOwner {
        manner = manner_;
    }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        if (manner == Manner.refuse) return false;
        require(manner != Manner.pause, "PAUSED");
        require(manner != Manner.step || amount == 0 || allowance[msg.sender][spender] == 0, "ALLOWANCE_NOT_ZERO");
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return _answer();
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        if (manner == Manner.refuse) return false;
        _move(msg.sender, to, amount);
        return _answer();
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (manner == Manner.refuse) return false;
        uint256 allowed = allowance[from][msg.sender];
        require(allowed >= amount, "ALLOWANCE");
        if (allowed != type(uint256).max) allowance[from][msg.sender] = allowed - amount;
        _move(from, to, amount);
        return _answer();
    }

    function _move(address from, address to, uint256 amount) private {
        require(manner != Manner.pause, "PAUSED");
        require(balanceOf[from] >= amount, "BALANCE");
        uint256 kept = manner == Manner.tax ? amount / 100 : 0;
        balanceOf[from] -= amount;
        balanceOf[to] += amount - kept;
        emit Transfer(from, to, amount - kept);
        if (kept == 0) return;
        totalSupply -= kept;
        emit Transfer(from, address(0), kept);
    }

    function _mint(address to, uint256 amount) private {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function _answer() private view returns (bool) {
        if (manner == Manner.mute) {
            assembly {
                return(0, 0)
            }
        }
        return true;
    }
}
